/**
 * Refresh key of entities that something could not be read for. The catalog keeps it with them, so that
 * they are processed again also by another process than the one that failed.
 */
export const UNREAD = 'ai-model:unread';
