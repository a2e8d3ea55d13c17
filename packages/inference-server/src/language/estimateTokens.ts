import type { LanguageTask, LanguageTasks } from '../domain/LanguageModel';
import { tokensOfCharacters, type TokenEstimate } from '../domain/tokenUse';

/** Of an answer whose length nobody bounds. */
const USUAL_ANSWER_TOKENS = 1_024;
/** Of a picture, a sound or a file: as much as a large picture has at most services. */
const MEDIUM_TOKENS = 1_000;
/** Values of fields by these names are no text that a model reads. */
const MEDIA = new Set(['image_url', 'input_audio', 'file']);

/**
 * What a request may come to, before it is sent: its characters by four, and as many tokens as the
 * answer may have.
 *
 * @param request - with what the version adds to it
 */
export function estimateTokens<T extends LanguageTask>(
  task: T,
  request: LanguageTasks[T]['request'],
): TokenEstimate {
  const field = (name: string): unknown => Reflect.get(request, name);
  const { characters, tokens } = measure(
    ['messages', 'prompt', 'input', 'tools', 'response_format'].map(field),
  );
  const input = tokensOfCharacters(characters) + tokens;
  if (task === 'embeddings') return { input, output: 0 };
  const most =
    numberOf(field('max_completion_tokens')) ?? numberOf(field('max_tokens'));
  const answers = numberOf(field('best_of')) ?? numberOf(field('n')) ?? 1;
  const prompts = task === 'completions' ? countPrompts(field('prompt')) : 1;
  return { input, output: (most ?? USUAL_ANSWER_TOKENS) * answers * prompts };
}

/** Characters of the texts within a value, and tokens of what is no text. */
function measure(value: unknown): { characters: number; tokens: number } {
  const sum = { characters: 0, tokens: 0 };
  // A list of its own: values may be nested as deeply as a body allows.
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next === 'string') sum.characters += next.length;
    else if (typeof next === 'number') sum.tokens += 1;
    else if (Array.isArray(next)) for (const one of next) waiting.push(one);
    else if (typeof next === 'object' && next !== null) {
      for (const [name, inner] of Object.entries(next)) {
        if (MEDIA.has(name)) sum.tokens += MEDIUM_TOKENS;
        else waiting.push(inner);
      }
    }
  }
  return sum;
}

/** A list of texts, or of lists of tokens, has an answer for each. */
function countPrompts(prompt: unknown): number {
  if (!Array.isArray(prompt)) return 1;
  return prompt.every(one => typeof one === 'number') ? 1 : prompt.length;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
    ? Math.ceil(value)
    : undefined;
}
