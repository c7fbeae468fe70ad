/** The page's own few words. What the bot says comes from the program, in the language of the person. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

const words = {
  tagline: [
    'A shop, a customer and a boss on one desk. Nothing here is real money; everything between is the real program.',
    'Duka, mteja na bosi kwenye meza moja. Hakuna pesa halisi hapa; katikati ni programu yenyewe.',
  ],
  gateway: ['Gateway', 'Gateway'],
  gateways: ['Gateways of the shop', 'Gateway za duka'],
  connectAnother: ['Connect another gateway', 'Unganisha gateway nyingine'],
  connect: ['Connect', 'Unganisha'],
  connecting: ['Connecting…', 'Inaunganishwa…'],
  isConnected: ['Connected', 'Imeunganishwa'],
  chooseHint: [
    'You were the operator. Now the shop chooses: “Another account” on a card, or for good in /settings.',
    'Ulikuwa mwendeshaji. Sasa duka linachagua: “Akaunti nyingine” kwenye kadi, au moja kwa moja katika /settings.',
  ],
  smartpayManner: [
    'Calls back unsigned: each payment is looked up before it counts.',
    'Hutuma majibu bila sahihi: kila malipo huangaliwa kabla ya kuhesabiwa.',
  ],
  bosmiManner: [
    'Never calls back, and takes 07… numbers only: Malipo keeps asking.',
    'Haitumi majibu, na hupokea nambari za 07… tu: Malipo huendelea kuuliza.',
  ],
  sayapayManner: [
    'Its token lasts an hour; each payment has a callback of its own.',
    'Tokeni yake hudumu saa moja; kila malipo yana callback yake.',
  ],
  darajaPhpManner: [
    'Signs nothing and cannot be asked: connected with the risk accepted by name.',
    'Haina sahihi wala haiwezi kuulizwa: inaunganishwa kwa kukubali hatari hiyo.',
  ],
  chat: ['Chat', 'Chat'],
  language: ['Language', 'Lugha'],
  shop: ['Shop', 'Duka'],
  customer: ['Customer', 'Mteja'],
  manager: ['Boss', 'Bosi'],
  new: ['New here', 'Mgeni'],
  story: ['Story', 'Hadithi'],
  places: ['Places on the desk', 'Nafasi za meza'],
  thirdPhone: ['Who has the third phone', 'Nani ana simu ya tatu'],
  news: ['something new', 'kuna jipya'],
  home: ['Home', 'Mwanzo'],
  sms: ['SMS', 'SMS'],
  telegram: ['Telegram', 'Telegram'],
  whatsapp: ['WhatsApp', 'WhatsApp'],
  both: ['Telegram, WhatsApp', 'Telegram, WhatsApp'],
  businessAccount: ['business', 'biashara'],
  close: ['Close', 'Funga'],
  waiting: ['on its way', 'iko njiani'],
  sent: ['sent', 'imetumwa'],
  delivered: ['delivered', 'imefika'],
  read: ['read', 'imesomwa'],
  windowClosed: [
    '24 hours have passed: until this person writes, only approved templates arrive.',
    'Saa 24 zimepita: hadi mtu huyu aandike, templates zilizoidhinishwa pekee hufika.',
  ],
  dayLater: ['Let 24 hours pass', 'Acha saa 24 zipite'],
  dayLaterAll: ['24 hours pass for all', 'Saa 24 zipite kwa wote'],
  onWhatsapp: ['On WhatsApp', 'Kwenye WhatsApp'],
  'whatsapp-token': ['Access token expired', 'Token imeisha muda'],
  'whatsapp-templates': ['Templates paused', 'Templates zimesimamishwa'],
  message: ['Message', 'Ujumbe'],
  send: ['Send', 'Tuma'],
  attach: ['Attach', 'Ambatisha'],
  shareOwn: ['Share own number', 'Tuma nambari yako'],
  shareOther: ['Share a contact', 'Tuma contact'],
  file: ['Send a file', 'Tuma faili'],
  sticker: ['Send a sticker', 'Tuma sticker'],
  number: ['Number', 'Nambari'],
  name: ['Name', 'Jina'],
  apps: ['What the phone shows', 'Simu inaonyesha nini'],
  messages: ['messages', 'ujumbe'],
  replies: ['Replies', 'Majibu'],
  unread: ['unread', 'hazijasomwa'],
  tryThis: ['Try this', 'Jaribu hii'],
  enterPin: ['Enter M-PESA PIN', 'Weka PIN ya M-PESA'],
  pay: ['Do you want to pay', 'Unataka kulipa'],
  to: ['to', 'kwa'],
  account: ['account', 'akaunti'],
  cancel: ['Cancel', 'Ghairi'],
  ok: ['OK', 'Sawa'],
  pinHint: ['The PIN of this simulated phone is 1234.', 'PIN ya simu hii ya mfano ni 1234.'],
  noSms: ['No messages yet', 'Hakuna ujumbe bado'],
  waitingHome: ['The PIN prompt will appear here.', 'Ombi la PIN litaonekana hapa.'],
  balance: ['M-PESA balance', 'Salio la M-PESA'],
  off: ['Phone is off', 'Simu imezimwa'],
  turnOff: ['Turn off', 'Zima'],
  turnOn: ['Turn on', 'Washa'],
  wrong: ['Make it go wrong', 'Iharibu'],
  wrongHint: ['For the next prompt', 'Kwa ombi lijalo'],
  now: ['Right now', 'Sasa hivi'],
  'customer-cancels': ['Customer cancels', 'Mteja anaghairi'],
  'wrong-pin': ['Wrong PIN', 'PIN si sahihi'],
  'no-money': ['No money', 'Hana pesa'],
  'phone-off': ['Phone off', 'Simu imezimwa'],
  'callback-lost': ['Lose the callback', 'Callback ipotee'],
  'callback-late': ['Callback late', 'Callback ichelewe'],
  'callback-twice': ['Callback twice', 'Callback mara mbili'],
  'callback-forged': ['Forged callback', 'Callback bandia'],
  'gateway-slow': ['Gateway slow', 'Gateway polepole'],
  'gateway-drops': ['Drop after accepting', 'Kata baada ya kupokea'],
  'gateway-500': ['Gateway says 500', 'Gateway yajibu 500'],
  down20: ['down 20 s', 'chini sek. 20'],
  kill: ['Kill the app', 'Ua programu'],
  happened: ['as it happened', 'jinsi ilivyokuwa'],
  noPayment: [
    'Ask for a payment, and its story is told here.',
    'Omba malipo, na hadithi yake itasimuliwa hapa.',
  ],
  wire: ['On the wire', 'Kwenye waya'],
  noWire: [
    'Requests and callbacks appear here, phones masked.',
    'Maombi na callback huonekana hapa, simu zikifichwa.',
  ],
  answered: ['answer', 'jibu'],
  toGateway: ['to', 'kwa'],
  fromGateway: ['from', 'kutoka'],
  body: ['body', 'yaliyomo'],
  followed: [
    'Opened on the customer’s phone, in Telegram.',
    'Imefunguliwa kwenye simu ya mteja, katika Telegram.',
  ],
  followedThere: [
    'Opened on the customer’s phone, in WhatsApp.',
    'Imefunguliwa kwenye simu ya mteja, katika WhatsApp.',
  ],
  noAnswer: ['The desk does not answer.', 'Meza haijibu.'],
  startAgain: ['Start with an empty desk', 'Anza na meza tupu'],
  sure: ['Everything on this desk is forgotten. Go on?', 'Kila kitu kwenye meza kitasahaulika. Endelea?'],
  reconnecting: ['Reconnecting to the desk…', 'Inaunganisha tena…'],
  starting: ['The app is starting…', 'Programu inaanza…'],
  down: [
    'The app is down. It starts again by itself; nothing is lost.',
    'Programu imesimama. Itaanza tena yenyewe; hakuna kinachopotea.',
  ],
  edited: ['edited', 'imehaririwa'],
};

/** @typedef {'en' | 'sw'} Language */
/** @typedef {keyof typeof words} Word */

export const LanguageContext = createContext(/** @type {Language} */ ('en'));

/** @returns {(word: Word) => string} */
export function useWords() {
  const language = useContext(LanguageContext);
  return (word) => words[word][language === 'sw' ? 1 : 0] ?? word;
}

/** @param {string} name @returns {name is Word} */
export function isWord(name) {
  return Object.hasOwn(words, name);
}
