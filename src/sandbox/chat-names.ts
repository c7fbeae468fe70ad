/** The two chat platforms at the desk. */
export const channelIds = ['telegram', 'whatsapp'] as const;
export type ChannelId = (typeof channelIds)[number];
