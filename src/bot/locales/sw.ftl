# Buttons: 20 characters at most
btn-biz = Biashara
btn-cust = Mteja
btn-share = Tuma nambari yangu
btn-send = Tuma ombi
btn-again = Tuma tena
btn-change = Badilisha
btn-skip = Ruka
btn-cancel = Ghairi
btn-receipt = Risiti
btn-refund = Rudisha pesa
btn-one = Rudisha moja
btn-both = Acha zote
btn-me = Ndiyo, ni mimi
btn-wrong = Kuna shida
btn-ask = Omba idhini
btn-withdraw = Ondoa ombi
btn-approve = Idhinisha
btn-details = Maelezo
btn-reject = Kataa
btn-freeze = Simamisha
btn-allow = Ruhusu tena
btn-pause = Sitisha
btn-resume = Endelea
btn-rows = Ona mistari
btn-open = Kagua
btn-list = Chagua
btn-back = Rudi
btn-unlink = Simamisha risiti
btn-link = Risiti zije hapa
btn-settled = Imetatuliwa

# List rows: 24 characters at most
menu-ask = Omba malipo
menu-send = Tuma pesa
menu-approvals = Idhini
menu-check = Hakiki code ya M-Pesa
menu-today = Leo
menu-history = Historia
menu-balance = Salio
menu-settings = Mipangilio
menu-help = Msaada
what-not-paid-by-me = Sikulipa hii
what-wrong-amount = Kiasi si sahihi
what-no-goods = Sijapata bidhaa
what-else = Jambo lingine

# Start
start =
    Bot hii huomba malipo ya M-Pesa na kuweka ushahidi. Wewe ni nani?
    English: type "language"
ask-name = Biashara yako inaitwaje? Wateja wataona jina hili.
biz-ready = {$shop} iko tayari. Jaribu: 500 0712345678 chakula
biz-waits = {$shop} imehifadhiwa. Msimamizi wa bot ataiunganisha kwa: {$cmd}
ask-share = Tuma nambari yako mwenyewe upate risiti hapa. Hatuulizi PIN kamwe.
not-own = Hiyo ni contact ya mtu mwingine. Tumia kitufe.
linked = Risiti za {$phone} zitakuja hapa.
link-moved = Risiti za {$phone} sasa zinaenda kwa chat nyingine. Kama si wewe, tuma nambari yako tena.
link-changed = Risiti za {$phone} zitakuja hapa, za {$old} hazitakuja tena.
link-shown = Risiti za {$phone} huja hapa. Ili kubadilisha nambari, tuma contact yako mwenyewe.
unlinked = Risiti za {$phone} hazitakuja hapa tena. /start huunganisha nambari upya.
own-contact = Hii ni nambari yako mwenyewe. Upate risiti zake hapa, au uiombe malipo?

# Request. `unread` serves names and codes too
ask-amount = Kiasi gani? Mfano 500 au 1.5k.
unread = Hatukuelewa {$text}. Andika kama {$eg}.
ask-ref = Malipo gani? Andika nambari yetu, mfano P-7KQ4M.
either = {$a} au {$b}?
range = M-Pesa hupokea {$min} hadi {$max} kwa mara moja. Kiasi gani?
ask-phone = Simu gani italipa? Andika nambari, tuma contact au chagua.
foreign = Nambari za Kenya pekee: 07, 01 au +254.
ask-note = Ni ya nini?
note-long = Hadi herufi {$max}; hii ina {$count}. Tafadhali fupisha.
not-text = Hapa tunasoma maandishi tu. {$ask}
confirm =
    {$note}
    Tutume ombi la PIN kwa simu hii?
draft =
    {$note}
    Bado haijatumwa. Ni {$by} pekee anayeweza kuituma.
stopped = Imesimamishwa; hakuna kilichotumwa.

# Payment card
none = Hakuna pesa zilizotoka.
sending = Ombi la PIN linatumwa.
prompted = Ombi la PIN limetumwa, tunasubiri PIN. {$at}
paid =
    Imelipwa kwa {$shop} {$at}. {$code}
    {$note}
follows = Imelipwa {$at}. Nambari ya risiti ya M-Pesa itafuata.
late =
    Imelipwa kwa kuchelewa, {$at}. {$code}
    Awali tulisema: {$was}
cancelled = Imeghairiwa kwenye simu.
wrong-pin = PIN haikulingana.
no-funds = Hakuna pesa za kutosha kwenye M-Pesa.
limit = Imepita kikomo cha M-Pesa; jaribu kiasi kidogo.
off = PIN haikuwekwa kwa wakati, au simu ilikuwa imezimwa.
not-paid = Haijalipwa.
expired = Muda umeisha bila PIN.
duplicate = Haikutumwa: M-Pesa hukataa kiasi kilekile mara mbili ndani ya dakika 2. Jaribu {$next}.
down = Ombi la PIN halikuonekana.
locked = Haikutumwa: simu hii ina ombi lililo wazi tangu {$at}. Jaribu {$next}.
soon = Haikutumwa: M-Pesa hutaka dakika moja kati ya maombi kwa simu moja. Jaribu {$next}.
unknown = Bado hatujui. Usitume ombi lingine. Tutaangalia tena {$next}.
unknown-payer = Bado hatujui. Usilipe tena. Tutaangalia tena {$next}.
unproved = Bado hatujui. Linganisha na taarifa ya M-Pesa.
twice = Imelipwa mara mbili: {$code} na {$code2}. Umepokea {$total}.
twice-one = Imelipwa mara mbili: {$code}; nambari ya pili ya risiti itafuata. Umepokea {$total}.
twice-none = Imelipwa mara mbili; nambari za risiti zitafuata. Umepokea {$total}.
twice-link = Imelipwa mara mbili: hii na {$ref} ni malipo mawili ya kiungo cha malipo moja. Umepokea {$total}. Acha zote, au rudisha moja.
link-paid = Haikutumwa: kiungo hiki ni cha malipo moja, na simu nyingine imeshakilipa. /history inayaonyesha.
link-open = Haikutumwa: kiungo hiki ni cha malipo moja, na ombi lake lingine liko wazi. Tuma tena likiisha.
mismatch = M-Pesa inaonyesha {$got}. Inakaguliwa; usitoe bidhaa bado.
amount-refused = M-Pesa inaonyesha {$got}, haikupokewa kama malipo haya. Irudishe au kubaliana na mteja.
also-mismatch = M-Pesa pia inaonyesha {$got}. Linganisha na taarifa ya M-Pesa.
also-unproved = Ombi lingine halijathibitishwa. Linganisha na taarifa ya M-Pesa.
receipt-used = {$code} tayari ni ya malipo mengine. Linganisha na taarifa ya M-Pesa.
contradiction = Imelipwa {$at}. {$code}
    Baadaye M-Pesa ilisema vingine. Linganisha na taarifa ya M-Pesa.
refused = Haikutumwa: {$why}.
refunded = Zimerudishwa {$done} {$at}, {$code}

# Receipts in chat; the merchant's is `paid`
prompt-note = {$amount} kwa {$shop}: weka PIN kwenye ombi la simu yako, kamwe si hapa.
to-customer = Risiti ya malipo, si ankara ya kodi.
kept = {$shop} sasa inajua: {$what}.
pin-typed = Kama hiyo ni PIN yako, ifute. Hatuihifadhi.
told = Mteja anasema: {$what}.
receipt-above = Risiti iko hapo juu; imetumwa sasa hivi.
you-said = Ulisema: {$what}.
ask-wrong = Kuna shida gani? {$shop} itaona jibu lako.
customer-seen = {$shop} imeona ulichosema: {$what}.
undelivered = Mteja hakupata risiti. Mwonyeshe {$link}
undelivered-unknown = Hatujui kama mteja alipata risiti. Mwonyeshe {$link}
balance-low = {$gateway}: zimebaki {$left} za SMS na maombi ya PIN. Nunua token kabla hazijaisha.
units-low = {$gateway}: {$what}. Ongeza mpango kabla hazijaisha.
balance-ended = {$gateway}: token hazitoshi kwa SMS na maombi ya PIN. Nunua token, kisha tuma tena.

# The receipt as a document
doc-title = Risiti ya malipo
doc-paid = Imelipwa
doc-review = Inakaguliwa
doc-refunded = Pesa zimerudishwa
doc-part-refunded = Sehemu imerudishwa
doc-code = Risiti ya M-Pesa
doc-ref = Nambari yetu
doc-at = Wakati
doc-payer = Aliyelipa
doc-note = Sababu
doc-through = Kupitia
doc-back = Zimerudishwa
doc-follows = Nambari itafuata
doc-in-sms = Angalia SMS yako ya M-Pesa
doc-scan = Scan ili kuhakiki. Ni ya kweli tu kama ukurasa unasema hivyohivyo.
doc-letters = Baadhi ya herufi hazikuchapika; ukurasa unazionyesha.
doc-caption = {$amount} kwa {$shop} · {$ref}

# SMS, GSM-7 only
sms-customer = {$amount} imelipwa kwa {$shop}, {$at}. {$code}. Nambari yetu {$ref}. Risiti ya malipo, si ankara ya kodi.
sms-merchant = {$amount} kutoka {$phone} kwa {$shop}, {$at}. {$code}. {$ref}, {$note}
sms-payee = {$amount} imetumwa kwako na {$shop}, {$at}. {$code}. Sababu: {$note}. Nambari yetu {$ref}.
sms-approval = {$amount} kwa {$phone} inasubiri idhini yako hadi {$end}. {$shop}, {$ref}. Tuandikie "idhini" kwenye WhatsApp.
sms-reversed = {$amount} kwa {$phone}: M-Pesa imezirudisha, mpokeaji hana pesa hizi. {$shop}. Tuandikie "hali {$ref}" kwenye WhatsApp.
sms-look = {$amount}, {$phone}: mtu anahitajika kukagua. {$shop}. Tuandikie "hali {$ref}" kwenye WhatsApp.
sms-stopped = {$gateway} haipokei maombi kwa sasa. {$shop}. Tuandikie kwenye WhatsApp uone sababu.

# Payout
charge = Na gharama ya kutoa {$total}, bila {$amount}?
po-confirm =
    {$why}
    Gharama {$fee}. Float {$float}, kisha {$after}.
    Simu hii awali: {$was}
resend = Tayari ilitumwa {$at}, {$ref2}. Ili kutuma tena, andika sababu.
waiting = Inasubiri idhini ya {$who}, hadi {$end}.
approval = {$by} anaomba, hadi {$end}.
digits = Andika tarakimu 4 za mwisho za simu ili kuidhinisha.
digits-no = Tarakimu hazilingani; haijaidhinishwa. Majaribio yaliyobaki: {$left}
own = Wewe ndiye uliyeomba; mwingine ataidhinisha.
alone = Unaidhinisha peke yako, hadi {$limit} kwa siku. Andika {$word}.
approved = Imeidhinishwa na {$who} {$at}. Inatumwa.
sent =
    Imetumwa {$at}. {$code}
    Aliomba {$by}, aliidhinisha {$who}.
why = Kwa nini? {$by} ataona jibu.
rejected = Imekataliwa na {$who}: {$why}.
lapsed = Haikuidhinishwa hadi {$end}. Omba tena ikihitajika.
voided = Maelezo yalibadilika; idhini imefutwa.
po-unknown = Bado hatujui. Usitume tena. Tutaangalia tena {$next}.
reversed = Ilitumwa {$sent}, M-Pesa ikairudisha {$at}. Mpokeaji hana tena pesa hizi.
give-back = {$ref}: zililipwa {$paid}, zimerudishwa {$done}. Urudishe kiasi gani?
freeze-ask = Tusimamishe utumaji wote wa pesa sasa?
freeze-kept = Kutuma pesa kunaendelea kama kawaida.
frozen = {$who} amesimamisha kutuma pesa {$at}, maombi {$count} yanasubiri, {$sum}. Mmiliki pekee huruhusu.
unfrozen = {$who} ameruhusu tena kutuma pesa {$at}.
bulk-dry =
    {$file}: mistari {$rows}, {$total}, gharama {$fee}
    Tayari {$ok}, haisomeki {$bad}, mara mbili {$dup}, hivi karibuni {$old}, mpya {$new}
bulk-run = {$done} kati ya {$rows}: {$sent} imetumwa, {$not} haikutumwa, {$open} bado hatujui.
bulk-file = Tuma CSV au XLSX yenye simu na kiasi kila mstari.

# Verify, help, day
ver-ask = Andika code ya M-Pesa, mfano TFH774CBH1.
genuine = {$code} ni ya kweli: {$amount} kutoka {$phone}, {$at}, {$ref}.
used = {$code} ilitumika {$at} kwa {$ref}. Usitoe bidhaa tena kwa code hii.
differs = {$code} ni ya {$amount}, si {$said}.
stranger = {$code} hatuijui. Angalia ujumbe wako wa M-Pesa.
ver-again = Uliihakiki {$at}; ni malipo yaleyale.
ver-shown = Kadi ya {$who} ilionyesha imelipwa {$at}; muulize kabla ya kutoa bidhaa.
ver-shown-you = Kadi yako mwenyewe ilionyesha imelipwa {$at}; angalia kabla ya kutoa bidhaa tena.
ver-old = Huenda bidhaa za {$ref} zimeshatolewa; angalia kabla ya kutoa tena.
ver-unlike = {$code} ililipwa {$at} kutoka {$phone}; ujumbe unasema vingine. Usitoe bidhaa kwa code hii.
ver-back = {$code}: {$back} kati ya {$amount} zimerudishwa, {$ref}. Usitoe bidhaa kwa code hii.
ver-person = {$code}: iliandikwa na mtu kwa {$ref}, {$amount}. Linganisha na taarifa ya M-Pesa.
ver-unsigned = {$code}: gateway bado haijaithibitisha kwa {$ref}, {$amount}. Linganisha na taarifa ya M-Pesa.
ver-stand-in = {$code} si code ya M-Pesa. Code ya {$ref} itafuata; angalia ujumbe wa M-Pesa wa mteja.
ver-doubt = {$code} ilikuja kwa {$ref}, ambayo inakaguliwa. Usitoe bidhaa bado; linganisha na taarifa ya M-Pesa.
ver-unmatched = {$code} ilitufikia, lakini si ya malipo uliyoomba. Linganisha na taarifa ya M-Pesa.
ver-asking = {$code} bado hatuijui. Tunauliza kuhusu {$refs}; usitoe bidhaa hadi kadi yake iseme imelipwa.
ver-near = {$code} hatuijui. Ulimaanisha {$near}? Iandike ili kuihakiki.
ver-own = {$code} ni malipo yako: {$amount} kwa {$shop}, {$at}, {$ref}.
help =
    500 0712345678 chakula huomba malipo
    /payout hutuma pesa
    /verify huhakiki code
    Hatuulizi PIN kamwe.
day =
    {$shop}, {$date}
    Zilizoingia {$in} ({$count}), zilizotumwa {$out}, zilizorudishwa {$back}
    Bado hatujui {$open}, za kukagua {$review}
    Ukaguzi {$head}

# In the way
role = Hii ni ya {$role}. Mwulize {$who}.
old-card = Kadi hii ni ya zamani. Hii ndiyo ya sasa.
old-question = Swali hilo limeisha; hakuna kilichobadilika.
not-yours = Kadi hii ni ya mtu mwingine.
tries = Majaribio yamezidi. Hakuna kilichotumwa. Jaribu {$next}.
no-ref = Hakuna {$ref} kwenye {$shop}.
service-down = Huduma imesimama. Ujumbe wako umehifadhiwa na utajibiwa.
broke = Kuna hitilafu upande wetu. Hakuna kilichotumwa. Jaribu tena.

# WhatsApp templates, UTILITY, en | sw
receipt_customer = Malipo yako ya {"{{1}}"} kwa {"{{2}}"} yamepokelewa {"{{3}}"}. Risiti ni {"{{4}}"}, nambari yetu ni {"{{5}}"}. Hii ni risiti ya malipo, si ankara ya kodi.
receipt_merchant = Malipo ya {"{{1}}"} kutoka {"{{2}}"} yamepokelewa {"{{3}}"}. Nambari ya risiti ni {"{{4}}"}, nambari yetu ni {"{{5}}"}. Fungua ili kuona maelezo yote.
approval_wanted = Ombi la kutuma {"{{1}}"} kwa {"{{2}}"} linasubiri idhini yako. Mwombaji ni {"{{3}}"}, nambari {"{{4}}"}; litafungwa {"{{5}}"}. Fungua ili kuidhinisha au kukataa.

# Commands, in the chat's menu: 60 characters at most
cmd-start = Anza hapa
cmd-help = Yanayofanya kazi hapa
cmd-request = Omba malipo
cmd-history = Malipo, mapya kwanza
cmd-status = Malipo moja, kwa nambari yake
cmd-verify = Hakiki code ya M-Pesa
cmd-review = Malipo ya kulinganisha na taarifa
cmd-settings = SMS, lugha na vikomo vya kutuma
cmd-balance = Salio na hali ya gateway
cmd-language = Kiswahili au English
cmd-switch = Chagua biashara nyingine
cmd-cancel = Acha kilicho wazi hapa

# Entry: what is asked before anything is done
either-one = Unamaanisha {$a}?
which-phone = Simu ipi kati ya hizi?
which-name = {$name} yupi?
no-name = Bado hatumjui {$name}. Simu gani italipa?
ask-or-send = Uombe pesa hizi, au uzitume?
refund-which = Malipo gani? Andika nambari yake, mfano P-7KQ4M.

# People and businesses
role-owner = mmiliki
role-manager = meneja
role-cashier = keshia
role-viewer = mtazamaji
member-hello = {$shop}: wewe ni {$role}. Jaribu: 500 0712345678 chakula
no-business =
    Bado huna biashara hapa. /start hufungua biashara, au huunganisha nambari yako kwa risiti.
    English: type "language"
help-customer =
    Risiti za unacholipa huja hapa: /start huunganisha nambari yako
    Chini ya risiti unaweza kusema kama kuna shida
    English: type "language"
    Hatuulizi PIN kamwe.
help-linked =
    Risiti za {$phone} huja hapa; /start hubadilisha hilo
    Chini ya risiti unaweza kusema kama kuna shida
    English: type "language"
    Hatuulizi PIN kamwe.
switch-ask = Biashara gani?
switched = Sasa unafanya kazi kwenye {$shop}.
help-viewer =
    /history na /status huonyesha malipo, /verify huhakiki code
    English: type "language"
    Hatuulizi PIN kamwe.
help-cashier =
    500 0712345678 chakula huomba malipo, /link hutengeneza kiungo
    /history na /status huonyesha malipo, /verify huhakiki code
    English: type "language"
    Hatuulizi PIN kamwe.
help-manager =
    500 0712345678 chakula huomba malipo, /link hutengeneza kiungo
    /history na /status huonyesha malipo, /verify huhakiki code
    /payout hutuma pesa, /approvals huonyesha yanayosubiri idhini, /freeze husimamisha yote
    Wengi kwa pamoja: {bulk-file}
    /review huonyesha ya kulinganisha, /today siku ya leo, /balance salio
    English: type "language"
    Hatuulizi PIN kamwe.
help-owner =
    500 0712345678 chakula huomba malipo, /link hutengeneza kiungo
    /history na /status huonyesha malipo, /verify huhakiki code
    /payout hutuma pesa, /approvals huonyesha yanayosubiri idhini, /freeze husimamisha yote
    Wengi kwa pamoja: {bulk-file}
    /review huonyesha ya kulinganisha, /today siku ya leo, /balance salio
    /staff huonyesha wanaofanya kazi hapa, /settings hupanga SMS, vikomo na lugha
    English: type "language"
    Hatuulizi PIN kamwe.

# Settings and language
settings =
    {$shop}
    SMS kwa wateja: {$sms ->
        [on] zimewashwa
       *[off] zimezimwa
    }
    SMS kwa duka: {$own ->
        [off] zimezimwa
       *[other] {$own}
    }
    Lugha: {$language ->
        [sw] Kiswahili
       *[en] English
    }
btn-account = Akaunti nyingine
btn-sms-on = Washa SMS za wateja
btn-sms-off = Zima SMS za wateja
btn-own-sms-on = Washa SMS za duka
btn-own-sms-off = Zima SMS za duka
own-sms-ask = Simu gani ipate SMS ya kila malipo? Andika nambari au tuma yako.
own-sms-on = Tutatuma SMS ya kila malipo kwa {$phone}. /settings huizima.
own-sms-off = Hatutumi tena SMS kwa duka.
btn-english = English
btn-kiswahili = Kiswahili
language-ask = Kiswahili au English?
language-set = Tutaandika kwa Kiswahili hapa.

# History and status
history-head = {$shop}: malipo, mapya kwanza
history-empty = Bado hakuna malipo. Jaribu: 500 0712345678 chakula
status-line = {$amount} · {$phone} · {$ref} · {$state} {$at}
state-created = bado haijatumwa
state-sending = inatumwa
state-prompted = inasubiri PIN
state-paid = imelipwa
state-cancelled = imeghairiwa
state-failed = haijalipwa
state-expired = muda umeisha
state-unknown = bado hatujui
state-review = ya kukagua
btn-newer = Mapya
btn-older = Ya zamani
code-unconfirmed = gateway haijaithibitisha
code-follows = Code ya M-Pesa: angalia SMS yako ya M-Pesa
nameless-shop = duka

# Review
review-head = Ya kukagua: {$count}
review-empty = Hakuna cha kukagua. Tusichoweza kuthibitisha huja hapa.
review-ask = Linganisha na taarifa ya {$gateway}. Je, hii ililipwa?
btn-was-paid = Ililipwa
btn-not-paid = Haikulipwa
btn-later = Baadaye
btn-keep = Acha ilivyo
review-code = Andika code ya M-Pesa iliyo kwenye taarifa, mfano TFH774CBH1.
review-accept = Tuliomba {$amount}, M-Pesa inaonyesha {$got}. Upokee {$got} kama malipo?
review-customer = Mteja anasema: {$what}. Zungumza naye, kisha tatua hapa. Malipo yanabaki yamelipwa.
review-settled = {$who} ameitatua {$at}. Mteja anaambiwa kuwa mmeiona.
btn-accept-amount = Pokea kiasi hiki
review-marked-paid = {$who} amethibitisha kuwa ililipwa {$at}.
review-marked-not-paid = {$who} amethibitisha kuwa haikulipwa {$at}.
code-used = {$code} tayari imetumika kwa {$ref}. Andika nyingine, au iache hadi baadaye.
code-used-elsewhere = {$code} ni code ya malipo mengine. Andika iliyo kwenye taarifa yako, au iache hadi baadaye.

# Alerts to managers
alert-head = Aliyeomba: {$by}
other-amount = {$ref}: tuliomba {$amount}, M-Pesa inaonyesha {$got}. Usitoe bidhaa bado; fungua /review.
account-stopped = {$gateway} haipokei maombi kwa sasa: {$why}.

# Why something was not sent, inside `refused` and `account-stopped`: no capital, no full stop
why-no-service-tokens = akaunti ya gateway imeishiwa token; nunua token, kisha tuma tena
why-reference-refused = gateway haikukubali nambari yetu; tuma tena, tutaweka mpya
why-phone-refused = gateway haikukubali simu hii; hakiki nambari au tumia nyingine
why-channel-inactive = Till au Paybill hii imezimwa kwenye gateway; omba gateway iiwashe
why-credentials-refused = gateway haikukubali funguo zetu; mwombe msimamizi wa bot aweke mpya
why-request-refused = gateway haikukubali ombi; hakiki kiasi na simu, kisha tuma tena
why-gateway-unreachable = gateway haipatikani; tuma tena baada ya dakika chache
why-misconfigured = akaunti ya gateway haijakamilika; mwombe msimamizi wa bot aikamilishe
why-busy = simu hii ina shughuli nyingine ya M-Pesa; tuma tena baada ya dakika 2
why-duplicate = M-Pesa hukataa kiasi kilekile mara mbili ndani ya dakika 2; tuma tena baadaye kidogo
why-provider-down = M-Pesa haijibu; tuma tena baada ya dakika chache
why-not-given = gateway haikutoa sababu; mwombe msimamizi wa bot akague akaunti
why-marked-not-paid = mtu alilinganisha taarifa, hakukuta malipo; tuma tena kama bado yanadaiwa
why-too-late = ilisubiri hapa muda mrefu mno; tuma tena kama bado inadaiwa
balance-asking = Tunauliza gateway. Jibu litakuja hapa.
balance-is = {$what} ({$at})
balance-none = Gateway hii haionyeshi salio.
balance-silent = Gateway haikusema salio kwa sasa. Uliza tena baada ya dakika chache.
balance-stopped = Imesimama: haipokei maombi hadi msimamizi wa bot aikague.
balance-resting = Inapumzika: maombi mapya yatasubiri hadi {$next}.
balance-health = Siku 1 iliyopita: {$paid} zililipwa, jibu kwa {$seconds}, bado hatujui {$unknown}
balance-no-account = Hakuna gateway iliyounganishwa bado.
balance-service = Salio la huduma
balance-float = Float
balance-wallet = Pochi
balance-sms = SMS zilizobaki
balance-calls = Maombi yaliyobaki
why-float-too-low = float haitoshi; ijaze, kisha omba tena
why-payee-refused = M-Pesa haimkubali mpokeaji huyu; hakiki nambari
via = Kupitia {$account}
refund-none-left = {$ref} yote imerudishwa, au iko njiani kurudi.
refund-too-little = Kilichobaki cha {$ref} ni kidogo kuliko M-Pesa inavyotuma. Kirudishe mkononi.
refund-range = Unaweza kurudisha {$min} hadi {$max}. Kiasi gani?
refund-note = Kurudisha pesa za {$ref}
group-named = Maombi ya kutuma pesa ya {$shop} yataonyeshwa hapa pia, nambari za simu zikiwa zimefichwa. Wenye ruhusa pekee wanaweza kuidhinisha. Andika /approvals hapa tena ili kusimamisha.
group-stopped = Maombi ya kutuma pesa ya {$shop} hayaonyeshwi tena hapa.
often = Haikutumwa: simu hii iliombwa mara kadhaa kwa dakika chache. Jaribu {$next}.
resting = Haikutumwa: gateway haipokei maombi mapya kwa sasa. Jaribu {$next}.
account-resting = {$gateway} haijibu. Maombi mapya yatasubiri hadi {$next}; yaliyotumwa yanakaguliwa.
topup-service = {$gateway}: {$amount} zimeongezwa za SMS na maombi ya PIN.
topup-float = {$gateway}: {$amount} zimeongezwa kwenye Float.
settings-account = Maombi hupitia: {$account}
setup-is = Pesa huingia hapa: {$where}
setup-changed = Sasa {$gateway} huingiza pesa zako hapa: {$where}
    Awali: {$was}
    Kama si wewe uliyebadilisha, mwulize msimamizi wa bot mara moja.
unasked =
    {$amount} kutoka kwa {$payer} imeingia {$gateway}. {$code}, akaunti {$account}.
    Hakuna aliyeiomba hapa, na haijathibitishwa. Linganisha na taarifa ya M-Pesa.
unasked-somebody = mteja
unasked-list =
    Hakuna aliyeziomba hapa, na hazijathibitishwa: {$count}, {$sum}
    {$list}
    Linganisha na taarifa ya M-Pesa.
unasked-line = {$amount} kutoka kwa {$payer}, {$at}, {$gateway}. {$code}, akaunti {$account}
unasked-compared = {$who} amelinganisha {$count} na taarifa, {$sum}, {$at}. /verify bado huzipata kwa code.
unasked-none = Hakuna kilichobaki cha kulinganisha hapa.
btn-compared = Nimelinganisha
why-gateway-busy = gateway haipokei maombi zaidi kwa sasa; tuma tena baada ya dakika 5
why-account-blocked = gateway imesimamisha akaunti hii; iombe gateway iifungue tena
why-plan-used-up = mpango wa akaunti kwenye gateway umeisha; uuongeze, kisha tuma tena

# What does not work here
no-gateway = {$shop} bado haiwezi kuomba pesa. Msimamizi wa bot ataiunganisha kwa: {$cmd}
cannot-yet = Hilo bado hatuwezi. /help huonyesha yanayofanya kazi leo.
unknown-command = Hatujui {$text}. /help huonyesha yanayofanya kazi.
nothing-open = Hakuna cha kughairi hapa. /help huonyesha yanayofanya kazi.
nothing-to-cancel = Hakuna cha kughairi hapa. Jaribu: 500 0712345678 chakula

# Viungo vya malipo, kwa duka
cmd-link = Tengeneza kiungo cha malipo
btn-any = Kiasi chochote
btn-links = Viungo vilivyo wazi
btn-once = Mara moja
btn-many = Mara nyingi
btn-days-1 = Siku 1
btn-days-7 = Siku 7
btn-days-30 = Siku 30
btn-close-link = Funga kiungo
link-amount = Kiungo kiombe kiasi gani? Mfano 500.
link-any = kiasi chochote
link-ask-once = Kiungo ni cha malipo moja, au mengi?
link-ask-life = Kikae wazi kwa muda gani?
link-head = Kiungo cha malipo: {$amount} kwa {$shop}
link-once = Cha malipo moja, kiko wazi hadi {$end}.
link-many = Cha malipo mengi, kiko wazi hadi {$end}.
link-in-telegram = Kwa Telegram: {$link}
link-in-whatsapp = Kwa WhatsApp: {$link}
link-closed = Kiungo kimefungwa. /link hutengeneza kingine.
by-link = Kwa kiungo cha malipo.

# Viungo vya malipo, kwa mteja
pay-amount = Unalipa {$shop} kiasi gani? Mfano 500.
pay-share =
    {$shop} inaomba {$amount}. Tuma nambari yako mwenyewe ili kulipa, au iandike.
    Risiti za nambari uliyotuma huja hapa. Hatuulizi PIN kamwe.
pay-confirm =
    {$note}
    {$amount} kwa {$shop} kutoka {$phone}.
    Tutume ombi la PIN kwa simu hii?
pay-press = Tumia vitufe vilivyo hapo juu; /cancel husimamisha.
pay-sent =
    Ombi la PIN linatumwa. Weka PIN kwenye simu yako, kamwe si hapa.
    Fuatilia: {$link}
pay-phone-moved = Hakuna kilichotumwa: {$phone} haiko tena kwenye chat hii. Fungua kiungo tena utume nambari yako.
pay-no-link = Kiungo hiki hatukijui. Omba duka likupe kipya.
pay-expired = Kiungo hiki kilikuwa wazi hadi {$end}. Omba {$shop} ikupe kipya.
pay-closed = {$shop} imefunga kiungo hiki. Omba kipya.
pay-paid = Kiungo hiki ni cha malipo moja, na {$shop} imeyapokea. Usilipe tena.
pay-open-prompt = Ombi la kiungo hiki liko wazi. Lijibu kwenye simu, au fungua kiungo tena likiisha.
pay-held = Haikutumwa: simu hii ilipata ombi sasa hivi. Fungua kiungo tena {$next}.
pay-limited = Haikutumwa: maombi ni mengi kwa sasa. Fungua kiungo tena {$next}.
pay-quiet = Haikutumwa: maombi mawili kwa simu hii hayakulipwa, kwa hivyo viungo vinaiacha hadi {$next}. {$shop} bado inaweza kukuomba yenyewe.
pay-stopped = Haikutumwa: {$shop} haiwezi kuomba pesa za M-Pesa kwa sasa. Uliza duka.

# Payouts, beyond the copy of the card
cmd-payout = Tuma pesa, baada ya idhini ya mwingine
cmd-approvals = Maombi ya kutuma yanayosubiri idhini
cmd-freeze = Simamisha utumaji wote wa pesa
btn-payouts = Pesa zilizotumwa
btn-limits = Vikomo vya kutuma
btn-alone-on = Peke yangu: washa
btn-alone-off = Peke yangu: zima
po-no-gateway = {$shop} haiwezi kutuma pesa bado. Msimamizi wa bot ataunganisha akaunti inayoweza: {$cmd}
po-range = Hapa hutumwa {$min} hadi {$max} kwa mara moja. Kiasi gani?
po-ask-phone = Simu gani itapokea pesa? Andika nambari, tuma contact au chagua.
po-fee-later = itajulikana baada ya kutuma
po-was-none = bado hakuna
po-was = {$count}, mwisho {$amount} {$at}
po-was-open = bado hatujui: {$amount}, {$ref2}
po-was-opens = bado hatujui: {$count}, mwisho {$amount}, {$ref2}
po-charge = {$net} na {$charge} gharama ya kutoa (viwango vya M-Pesa {$of}).
po-charge-off = Bila gharama ya kutoa ya {$charge}; nayo ni {$total}.
btn-charge = Gharama {$charge} pia
btn-no-charge = Bila gharama
po-confirm-bare =
    {$why}
    Gharama {$fee}. Float bado haijulikani.
    Simu hii awali: {$was}
po-again = Inatumwa tena kwa sababu: {$why}
resend-open = Tayari iliombwa {$at}, {$ref2}. Ili kuomba tena, andika sababu.
resend-unknown = Bado hatujui: {$ref2}, ilitumwa {$at}. Huenda bado italipwa. Ili kutuma tena, andika sababu.
po-nobody = Hakuna mwingine wa kuidhinisha. Mmiliki huongeza mtu kwa /staff, au huwasha kuidhinisha peke yake kwa /settings.
po-taken = M-Pesa inayo tangu {$at}; jibu litafuata.
po-held = Imeidhinishwa na {$who} {$at}. Inasubiri: kutuma kumesimamishwa.
po-withdrawn = {$by} aliondoa ombi.
po-approver-left = {$who} aliidhinisha, lakini haruhusiwi tena. Omba tena kama bado inadaiwa.
po-approval-lapsed = {$who} aliidhinisha zaidi ya siku moja iliyopita, na haikutumwa. Omba tena kama bado inadaiwa.
po-asker-left = {$who} aliomba, lakini haruhusiwi tena. Kama bado inadaiwa, mwenzake aombe upya.
po-asker-gone = Aliyeomba haruhusiwi tena, hivyo ombi limefutwa. Kama bado inadaiwa, omba upya.
po-code-follows = Code ya M-Pesa itafuata
po-contradiction = Ilitumwa {$at}. {$code}
    Baadaye M-Pesa ilisema tofauti. Linganisha na taarifa ya M-Pesa.
po-forged = Haikutumwa: si kile kilichoidhinishwa. Mwulize msimamizi wa bot.
po-differs = M-Pesa inaonyesha {$got}. Linganisha na taarifa ya M-Pesa.
po-code-used = {$code} ni ya malipo mengine yaliyotumwa. Linganisha na taarifa ya M-Pesa.
po-doubt-failed = Tulisema haikutumwa; M-Pesa inasema tofauti. Linganisha na taarifa ya M-Pesa.
po-marked = {$who} anasema: {$what}. Mmiliki au meneja mwingine aseme hivyo pia, au la.
po-why-busy = gateway haipokei zaidi sasa; omba tena baada ya dakika 5
po-stopped = Kutuma pesa kumesimamishwa. Mmiliki pekee huruhusu tena.
po-own-chat = Andika kwenye chat yako na bot hii; kadi iko huko sasa.
po-over-time = Muda wa kuidhinisha umeisha. Iombwe tena.
po-not-refundable = Malipo haya hayana kiasi hicho kilichobaki. Angalia kadi yake.
over-limit =
    Haijaidhinishwa: imepita kikomo cha {$limit ->
        [single] kutuma mara moja
        [day] siku
        [memberDay] mtu mmoja kwa siku
        [payeeDay] simu moja kwa siku
       *[aloneDay] siku ukiwa peke yako
    }, {$most}. Kimebaki sasa: {$left}.
digits-over = Majaribio ya kadi hii yamezidi; hakuna kilichoidhinishwa. Mwulize mwingine, au aliyeomba aombe tena.
alone-word = TUMA
po-details =
    Kutoka {$account}, kumbukumbu yetu {$reference}
po-left = Kimebaki leo: {$day}; kwa aliyeomba {$member}; kwa simu hii {$phone}
approvals-head = Yanakusubiri: {$count}. Uliyoomba: {$own}.
approvals-empty = Hakuna kinachosubiri idhini. /payout huomba kutuma.
history-payouts = {$shop}: pesa zilizotumwa, mpya kwanza
history-no-payouts = Hakuna pesa zilizotumwa bado. /payout huomba kutuma.
po-review =
    {$head}
    {$evidence}
    Linganisha na taarifa ya {$gateway}. Je, ilitumwa?
po-review-second =
    {$head}
    {$evidence}
    {$who} amelinganisha. Wewe unaona nini kwenye taarifa ya {$gateway}?
po-review-keep =
    {$head}
    {$evidence}
    Pesa ziko kama kadi inavyosema. Ibaki hivyo?
po-no-evidence = Hakuna jibu lililotufikia.
po-owner-only = Hii ni ya mmiliki. Inabaki kwenye /review.
po-first = Imewekwa. Itahesabika mmiliki au meneja mwingine akisema hivyo pia.
po-marks-differ = Mnaona tofauti, kwa hivyo hakuna kilichoamuliwa. Linganisheni tena, kisha bonyeza Kagua.
po-mark-own = Umeshasema. Mmiliki au meneja mwingine atasema neno la pili.
po-mark-owner = Mmoja wa wawili awe mmiliki. Mwombe mmiliki aikague.
po-still-open = Bado iko wazi; kadi inasema kwa nini.
told-callback = callback
told-lookup = tuliuliza
told-answer = jibu
told-person = mtu
said-paid = imelipwa
said-failed = haijalipwa
said-pending = inaendelea
said-reversed = imerudishwa
limits =
    Vikomo vya kutuma pesa
    {$list}
    Kipi kibadilike?
limit-single = Mara moja
limit-day = Kwa siku
limit-member = Mtu kwa siku
limit-payee = Simu kwa siku
limit-digits = Tarakimu juu ya
limit-alone = Peke yako, siku
limit-ask = {$limit}: sasa {$now}. Kuanzia sasa iwe kiasi gani?
limit-set = {$limit}: {$now} kuanzia sasa.
alone-means = Utaomba na kuidhinisha mwenyewe, hadi {$limit} kwa siku, kwa kuandika neno. Hakuna atakayeangalia mara ya pili.
alone-on = Unaidhinisha peke yako sasa, hadi {$limit} kwa siku. /settings huzima.
alone-off = Huidhinishi tena peke yako. Kutuma pesa kunahitaji mtu wa pili.
alone-others = {$who} anaweza kuidhinisha pia. Hii ni ya biashara ya mtu mmoja.

# Wafanyakazi na siku
cmd-staff = Nani anafanya kazi hapa, na kama nani
cmd-today = Leo hadi sasa, na ukaguzi
day-unasked = Zisizoombwa {$amount} ({$count}): /review
day-no-audit = bado hauna kitu
btn-invite-link = Alika kwa kiungo
btn-invite-contact = Alika kwa contact
btn-set-role = Badilisha kazi
btn-remove = Ondoa
btn-invites = Mialiko iliyo wazi
btn-done = Basi
btn-role-owner = Mmiliki
btn-role-manager = Meneja
btn-role-cashier = Keshia
btn-role-viewer = Mtazamaji
btn-join = Jiunge
staff-head =
    {$shop}, wanaofanya kazi hapa:
    {$list}
staff-line = {$name}, {$role}
staff-nameless = mtu ambaye hajaandika hapa
staff-by-link = kwa kiungo
staff-which-role =
    Kama nani? Mtazamaji huangalia. Keshia huomba malipo.
    Meneja pia hukagua, huomba kutuma pesa na kuidhinisha. Mmiliki pia hubadilisha wanaofanya kazi hapa.
staff-contact = Tuma contact ya mtu huyo hapa: ambatisha, kisha Contact.
staff-contact-hidden = Hatuoni akaunti ya contact hii hapa, kwa hivyo ni kiungo pekee: /staff, Alika kwa kiungo.
staff-link =
    Tuma kiungo hiki kwa mtu mmoja. Kitamfanya {$role} katika {$shop}, mara moja tu, hadi {$end}.
    {$link}
staff-invited =
    {$name} anaweza kujiunga na {$shop} kama {$role} hadi {$end}. Mwingine hawezi. Afungue:
    {$link}
staff-is-member = Tayari anafanya kazi {$shop}. /staff hubadilisha kazi yake.
staff-too-many = Mialiko {$max} iko wazi. Ondoa mmoja kwanza: /staff
staff-whose-role = Kazi ya nani inabadilika?
staff-who-leaves = Nani anaondoka {$shop}?
staff-role-ask = {$name} atakuwa {$role} katika {$shop}. Inaanza mara moja.
staff-remove-ask = {$name} anaondoka {$shop}. Inaanza mara moja.
staff-kept = Hakuna kilichobadilika. /staff huonyesha wanaofanya kazi hapa.
staff-role-done = Sasa {$name} ni {$role} katika {$shop}.
staff-removed-done = {$name} hafanyi kazi tena {$shop}.
staff-unchanged = {$name} ni {$role} tayari.
staff-gone = {$name} hafanyi kazi tena {$shop}. /staff huonyesha waliopo.
staff-last-owner = {$name} ndiye mmiliki pekee. Kwanza mfanye mwingine awe mmiliki: /staff
staff-invites = Unaondoa mwaliko gani?
staff-invite-line = {$role}, {$who}, hadi {$end}
staff-withdrawn = Umeondolewa. Kiungo hakifanyi kazi tena.
staff-invite-over = Mwaliko huu umetumika au umeisha. /staff huonyesha iliyo wazi.
staff-told-joined = {$name} amejiunga na {$shop}: {$role}. Alialikwa na {$who}. Kama humjui: /staff
staff-told-role = {$who} amemfanya {$name} kuwa {$role} katika {$shop}. /staff huonyesha wanaofanya kazi hapa.
staff-told-removed = {$who} amemwondoa {$name} katika {$shop}. /staff huonyesha wanaofanya kazi hapa.
staff-told-approver = Sasa {$name} anaweza kuidhinisha malipo ya {$shop}, kwa idhini ya {$who}. Kama hukutarajia: /freeze
staff-told-invites = Link za kujiunga zilizokuwa wazi zimeondolewa. /staff hutengeneza mpya.
staff-you-role = {$shop}: sasa wewe ni {$role}. Amebadilisha {$who}.
staff-op-joined = {$name} amejiunga na {$shop}: {$role}. Ameongezwa na msimamizi wa bot. Kama humjui: /staff
staff-op-role = Sasa {$name} ni {$role} katika {$shop}. Amebadilisha msimamizi wa bot. /staff huonyesha wanaofanya kazi hapa.
staff-op-approver = Sasa {$name} anaweza kuidhinisha malipo ya {$shop}; amebadilisha msimamizi wa bot. Kama hukutarajia: /freeze
staff-op-you = {$shop}: sasa wewe ni {$role}. Amebadilisha msimamizi wa bot. /help huonyesha yanayofanya kazi.
staff-you-removed = Hufanyi kazi tena {$shop}. Amebadilisha {$who}; uliza huko kama hukutarajia.
join-ask = {$who} anakualika kufanya kazi {$shop}: {$role}. Unajiunga?
join-waits = {$who} anakualika kufanya kazi {$shop}: {$role}. Tuma /start kujibu, hadi {$end}.
join-done = Sasa unafanya kazi {$shop}: wewe ni {$role}. /help huonyesha yanayofanya kazi.
join-done-too = Sasa unafanya kazi {$shop} pia: wewe ni {$role}. /switch hukupeleka huko.
join-later = Hakuna kilichobadilika. Mwaliko wa {$shop} uko wazi hadi {$end}.
join-none = Mwaliko huu hatuujui. Omba mpya.
join-member = Tayari unafanya kazi {$shop}. /help huonyesha yanayofanya kazi.
join-used = Mwaliko huu wa {$shop} umeshatumika. Omba mpya huko.
join-expired = Mwaliko huu wa {$shop} ulikuwa wazi hadi {$end}. Omba mpya huko.
join-revoked = Mwaliko huu wa {$shop} uliondolewa. Omba mpya huko.
join-foreign = Mwaliko huu ni wa mtu mwingine. Omba wako.

# Faili za kutuma pesa
btn-stop-rest = Usitume zaidi
btn-rows-before = Mistari ya nyuma
btn-rows-after = Mistari zaidi
bulk-pasted = Mistari yako
bulk-reading = Tunasoma {$file}.
bulk-none-ready = Hakuna mstari unaoweza kulipwa. Ona mistari, irekebishe kisha utume faili tena.
bulk-left-out = Mistari isiyosomeka imeachwa; irekebishe na uitume kwa faili yake yenyewe.
bulk-before = Faili hiyohiyo iliombwa {$at}, {$ref2}.
bulk-again = Mistari {$count} huenda imeshatumwa, au iko hapa mara mbili. Ili kuiomba, andika sababu.
bulk-total = Andika jumla ya {$ref} kwa shilingi ili kuidhinisha.
bulk-total-no = Hiyo si jumla; hakuna kilichoidhinishwa. Umebaki na majaribio: {$left}
bulk-paused = Imesitishwa; {$left} haijatumwa. Zilizo kwa M-Pesa tayari zinaendelea.
bulk-resume-no = {$who} ndiye alisitisha. Mwombe yeye, mmiliki au mwidhinishaji mwingine aruhusu iendelee.
bulk-resume-stopped = Akaunti ya gateway bado imesimamishwa. Mwombe msimamizi wa bot aikague, kisha bonyeza Endelea.
bulk-asker-gone = Aliyeomba haruhusiwi tena. Bonyeza Usitume zaidi; kama bado inadaiwa, mwenzake atume faili mpya.
bulk-group-run = Imeidhinishwa na {$who}. Maendeleo yako kwenye chat zenu wenyewe na bot hii.
bulk-total-over = Majaribio ya jumla hii yamezidi; hakuna kilichoidhinishwa. Mwingine aiidhinishe, au aisimamishe na atume upya zinazodaiwa.
bulk-total-rest = Andika jumla ya zilizobaki za {$ref} kwa shilingi ili kuziidhinisha.
bulk-held-approver = {$who} aliidhinisha, lakini haruhusiwi tena. Mwingine aidhinishe zilizobaki, {$total}, hadi {$end}, au azisimamishe.
bulk-held-lapsed = {$who} aliidhinisha zaidi ya siku moja iliyopita. Zilizobaki, {$total}, ziidhinishwe upya hadi {$end}, au zisimamishwe.
bulk-rest-lapsed = Zilizobaki hazikuidhinishwa hadi {$end}; hazikutumwa. Kama bado zinadaiwa, tuma faili mpya.
bulk-held-float = Float haitoshi. Ijaze, kisha bonyeza Endelea.
bulk-held-tokens = Akaunti ya gateway imeishiwa tokens. Nunua tokens, kisha bonyeza Endelea.
bulk-held-keys = Gateway haikukubali funguo zetu. Mwombe msimamizi wa bot aweke mpya, kisha bonyeza Endelea.
bulk-held-off = Kutuma pesa kumezimwa kwenye gateway. Iombe gateway iwashe, kisha bonyeza Endelea.
bulk-held-account = Akaunti ya gateway haipokei maombi kwa sasa. Mwombe msimamizi wa bot aiangalie, kisha bonyeza Endelea.
bulk-held-silent = Gateway haiwezi kutuma kwa sasa. Subiri dakika chache, kisha bonyeza Endelea.
bulk-held-rows = Mistari kadhaa mfululizo haikupokewa. Ona mistari; kama iliyobaki iko sawa, bonyeza Endelea.
bulk-one-sheet = Tumesoma sheet ya kwanza pekee. Nyingine pia zina mistari; itume kwa faili zake zenyewe:
bulk-sheet = {$sheet}: mistari {$rows} haijasomwa
bulk-sheets = sheet nyingine: mistari {$rows} haijasomwa
bulk-done = Imekamilika: {$sent} imetumwa, {$not} haikutumwa, {$open} bado hatujui.
bulk-by = Imeombwa na {$by}, imeidhinishwa na {$who}.
bulk-open = Usitume tena zile ambazo hatujui; kila moja ina kadi yake ya kukagua.
bulk-result = {$ref}: {$sent} imetumwa, {$not} haikutumwa, {$open} bado hatujui.
bulk-page = Ukurasa {$page} kati ya {$pages}
bulk-columns = Mstari,Nambari yetu,Simu,Kiasi KES,Jina,Kilichotokea,Code ya M-Pesa,Wakati
bulk-s-sent = imetumwa
bulk-s-not = haikutumwa
bulk-s-open = bado hatujui
bulk-s-left = inasubiri
bulk-w-no-phone = hakuna simu
bulk-w-phone = simu haisomeki
bulk-w-foreign = si simu ya Kenya
bulk-w-no-amount = hakuna kiasi
bulk-w-amount = kiasi hakisomeki
bulk-w-point = ni maelfu au senti? Andika bila nukta
bulk-w-cents = shilingi nzima pekee
bulk-w-range = M-Pesa haitumi kiasi hiki
bulk-w-columns = seli ni nyingi kuliko safu
bulk-no-gone = Hatukupata {$file}. Itume tena.
bulk-no-too-big = {$file} ni kubwa mno. Tuma hadi MB 1 na mistari 10,000, kwa sehemu ikibidi.
bulk-no-too-heavy = {$file} ni nzito mno kusomwa ilivyo. Nakili mistari yake kwenye sheet mpya, ihifadhi kama CSV kisha uitume.
bulk-no-too-many = {$file} ina zaidi ya mistari 10,000. Itume kwa sehemu.
bulk-no-unreadable = Hatukuweza kusoma {$file}. Ihifadhi kama CSV au XLSX kisha uitume tena.
bulk-no-empty = {$file} haina mistari. Tuma CSV au XLSX yenye simu na kiasi kila mstari.
bulk-no-first-empty = Sheet ya kwanza ya {$file} haina mistari. Weka sheet yenye simu na kiasi iwe ya kwanza, kisha uitume tena.
bulk-no-no-columns = Hatukuweza kutambua simu na kiasi katika {$file}. Viandike kwenye mstari wa kwanza: simu, kiasi, jina, sababu.
bulk-no-no-account = Hakuna akaunti hapa inayoweza kutuma pesa. Msimamizi wa bot ataunganisha inayoweza.
bulk-no-no-right = {$file} haikusomwa: kutuma pesa ni kwa mameneja na wamiliki. Muulize mmoja wao.

# One person in two chats
chat-code =
    Kwenye chat yako nyingine nasi andika: unganisha {$code}
    Hutumika mara moja, hadi {$end}. Usimpe mtu: atakayeiandika atakuwa wewe.
chat-joined =
    Chat hizi mbili sasa ni zako kama moja. Mambo yako huja kwenye uliyotumia mwisho.
    Andika tenganisha kuziachanisha.
chat-no-code = Code hiyo imetumika, imepitwa na wakati au si yetu. Andika unganisha kwenye chat nyingine upate mpya.
chat-same-channel = Code hiyo imetoka app hii. Iandike kwenye app yako nyingine: Telegram au WhatsApp.
chat-joined-before = Moja ya chat hizi tayari imeunganishwa. Andika tenganisha huko kwanza.
chat-both-members = Chat zote mbili hufanya kazi kwenye biashara. Mmiliki aondoe moja kwenye staff kwanza; kisha ziunganishe.
chat-make-here = Unafanya kazi kwenye biashara, kwa hiyo code hutoka hapa: andika unganisha, kisha iandike kwenye chat ile nyingine.
chat-let-go = Risiti za {$phone} hazitakuja kwako tena: umeunganisha nambari nyingine. Tuma contact yako mwenyewe ili kubadilisha.
chat-joined-there =
    Chat yako ya {$app} imeunganishwa na hii. Unachoweza kufanya hapa, sasa kinaweza kufanywa na huko.
    Kama si wewe, andika tenganisha sasa hivi.
chat-told-owner = Sasa {$name} anafanya kazi {$shop} kupitia {$app} pia. Kama yeye hajui: /staff
chat-parted = Zimetenganishwa. Chat nyingine sasa haijulikani hapa.
chat-alone = Chat hii haijaunganishwa na nyingine. Andika unganisha upate code.

# In a template, in place of one payee
bulk-payees = watu {$rows}
