/** A card as a message of Telegram. */

/** The chat of a lane: a card stands where it was posted, wherever its reader writes by now. */
export function chatOfLane(lane: string): string {
  return lane.slice(lane.indexOf(':') + 1);
}

/** Takes the buttons off, and tells nothing new. */
export function withoutButtons(lane: string) {
  const payload = { chat_id: Number(chatOfLane(lane)), reply_markup: { inline_keyboard: [] } };
  return { method: 'editMessageReplyMarkup', payload } as const;
}

/**
 * `prefix` opens the data of its buttons. Two buttons a row reads well on a small phone; the last one,
 * the no, stands alone when their number is odd.
 */
export function cardPayload(
  chatId: string,
  card: {
    readonly text: string;
    readonly buttons: readonly { readonly action: string; readonly label: string }[];
  },
  prefix: string,
): Record<string, unknown> {
  const buttons = card.buttons.map(({ label, action }) => ({
    text: label,
    callback_data: `${prefix}:${action}`,
  }));
  const rows: (typeof buttons)[] = [];
  for (let i = 0; i < buttons.length; i += 2) rows.push(buttons.slice(i, i + 2));
  return {
    chat_id: Number(chatId),
    text: card.text,
    parse_mode: 'HTML',
    link_preview_options: { is_disabled: true },
    reply_markup: { inline_keyboard: rows },
  };
}
