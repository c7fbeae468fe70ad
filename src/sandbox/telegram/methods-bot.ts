import { apiBot, apiChat, apiFile, type Telegram } from './core.ts';
import type { Call, Methods } from './methods.ts';
import { chatParam, chatToWriteTo } from './methods-messages.ts';
import { badRequest, characters, flagParam, isRecord, jsonParam, type Params, textParam } from './rules.ts';

/** The real server gives a press a short while, unpublished; a bot that answers later sees it refused. */
export const queryLifeMs = 30_000;
const staleQuery = 'query is too old and response timeout expired or query ID is invalid';
const maxToast = 200;
const maxDownloadBytes = 20 * 1024 * 1024;

const actions: ReadonlySet<string> = new Set([
  'typing',
  'upload_photo',
  'record_video',
  'upload_video',
  'record_voice',
  'upload_voice',
  'upload_document',
  'choose_sticker',
  'find_location',
  'record_video_note',
  'upload_video_note',
]);

const scopes: ReadonlySet<string> = new Set([
  'default',
  'all_private_chats',
  'all_group_chats',
  'all_chat_administrators',
  'chat',
  'chat_administrators',
  'chat_member',
]);

export const botMethods: Methods = {
  getMe: (telegram) => ({
    ...apiBot(telegram.state),
    can_join_groups: true,
    can_read_all_group_messages: false,
    supports_inline_queries: false,
    can_connect_to_business: false,
    has_main_web_app: false,
  }),
  getChat: (telegram, call) => ({
    ...apiChat(telegram.state, chatParam(telegram, call)),
    accent_color_id: 0,
    max_reaction_count: 11,
    accepted_gift_types: {
      unlimited_gifts: false,
      limited_gifts: false,
      unique_gifts: false,
      premium_subscription: false,
    },
  }),
  sendChatAction: (telegram, call) => {
    const chat = chatToWriteTo(telegram, call);
    const action = textParam(call.params, 'action') ?? '';
    if (!actions.has(action)) throw badRequest('wrong parameter action in request');
    telegram.changed({ kind: 'action', chatId: chat.id, action });
    return true;
  },
  answerCallbackQuery,
  setMyCommands: (telegram, { params }) => {
    const commands = commandsParam(params);
    const place = placeParam(params);
    const others = telegram.state.commands.filter((row) => !isPlace(row, place));
    telegram.state.commands = commands.length === 0 ? others : [...others, { ...place, commands }];
    telegram.changed({ kind: 'commands' });
    return true;
  },
  getMyCommands: (telegram, { params }) => {
    const place = placeParam(params);
    return telegram.state.commands.find((row) => isPlace(row, place))?.commands ?? [];
  },
  deleteMyCommands: (telegram, { params }) => {
    const place = placeParam(params);
    telegram.state.commands = telegram.state.commands.filter((row) => !isPlace(row, place));
    telegram.changed({ kind: 'commands' });
    return true;
  },
  getFile: (telegram, { params }) => {
    const fileId = textParam(params, 'file_id') ?? '';
    const file = telegram.state.files.get(fileId);
    if (file === undefined) throw badRequest('wrong file_id or the file is temporarily unavailable');
    if (Buffer.byteLength(file.base64, 'base64') > maxDownloadBytes) throw badRequest('file is too big');
    return { ...apiFile(telegram.state, fileId), file_path: file.path };
  },
};

function answerCallbackQuery(telegram: Telegram, { params }: Call): true {
  const query = telegram.state.queries.get(textParam(params, 'callback_query_id') ?? '');
  const text = textParam(params, 'text') ?? '';
  if (characters(text) > maxToast) throw badRequest('MESSAGE_TOO_LONG');
  const now = telegram.scheduler.now().getTime();
  if (query === undefined || query.answered || now - query.at > queryLifeMs) throw badRequest(staleQuery);
  query.answered = true;
  const { userId } = query;
  const alert = flagParam(params, 'show_alert');
  if (text !== '') {
    telegram.state.toasts.push({ userId, text, alert, at: now });
    telegram.changed({ kind: 'toast', userId, text, alert });
  }
  telegram.changed({ kind: 'answered', userId });
  return true;
}

interface Place {
  readonly scope: string;
  readonly languageCode: string;
}

function isPlace(row: Place, place: Place): boolean {
  return row.scope === place.scope && row.languageCode === place.languageCode;
}

function placeParam(params: Params): Place {
  const languageCode = textParam(params, 'language_code') ?? '';
  if (!/^([a-z]{2})?$/.test(languageCode)) throw badRequest('invalid language code specified');
  const scope = jsonParam(params, 'scope') ?? { type: 'default' };
  if (!isRecord(scope) || typeof scope.type !== 'string' || !scopes.has(scope.type))
    throw badRequest("can't parse BotCommandScope: Unsupported type specified");
  const { type, chat_id: chatId, user_id: userId } = scope;
  if (/^chat/.test(type) && chatId === undefined) throw badRequest('chat_id is empty');
  if (type === 'chat_member' && userId === undefined) throw badRequest('invalid user_id specified');
  return { scope: [type, chatId, userId].filter((part) => part !== undefined).join(':'), languageCode };
}

function commandsParam(params: Params): { command: string; description: string }[] {
  const value = jsonParam(params, 'commands');
  if (!Array.isArray(value))
    throw badRequest("can't parse list of commands: expected an Array of BotCommand");
  if (value.length > 100) throw badRequest('BOT_COMMANDS_TOO_MUCH');
  return value.map((row: unknown) => {
    const { command, description } = isRecord(row) ? row : {};
    if (typeof command !== 'string' || !/^[a-z0-9_]{1,32}$/.test(command))
      throw badRequest('BOT_COMMAND_INVALID');
    if (typeof description !== 'string' || description.trim() === '' || characters(description) > 256)
      throw badRequest('BOT_COMMAND_DESCRIPTION_INVALID');
    return { command, description };
  });
}
