import type { LanguageTask, LanguageTasks } from '../domain/LanguageModel';
import type { ExternalDescriptor } from '@greenroom/bundle-file';

/** Two names of one parameter: a caller who says either has decided. */
const LENGTH = ['max_tokens', 'max_completion_tokens'];
const SYNONYMS: Record<string, string[]> = {
  max_tokens: LENGTH,
  max_completion_tokens: LENGTH,
};

/** Makes of a caller's request the one that the version's descriptor says: its defaults, its messages first. */
export function applyDescriptor<T extends LanguageTask>(
  task: T,
  request: LanguageTasks[T]['request'],
  descriptor: Pick<ExternalDescriptor, 'parameters' | 'messages'>,
): LanguageTasks[T]['request'] {
  const { parameters, messages } = descriptor;
  const merged = { ...request };
  for (const [name, value] of Object.entries(parameters)) {
    const names = SYNONYMS[name] ?? [name];
    if (names.every(one => Reflect.get(merged, one) === undefined)) {
      Reflect.set(merged, name, value);
    }
  }
  if (task !== 'chat' || messages.length === 0) return merged;
  const chat = merged as LanguageTasks['chat']['request'];
  return {
    ...chat,
    messages: [...messages, ...chat.messages],
  } as LanguageTasks[T]['request'];
}
