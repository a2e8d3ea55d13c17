import type { Engine, Generation, GenerationEvent } from '../Engine';
import { PromptTooLongError } from '../Engine';

/** Tokens of each answer, as the conformance suite expects. */
const ANSWER_TOKENS = 5;
const CONTEXT_CHARACTERS = 10_000;

/** Says what it was told, in pieces, so that the edge around an engine can be tried anywhere. */
export class FakeEngine implements Engine {
  /** What it was asked. */
  readonly asked: Generation[] = [];
  /** Called before each token. */
  beforeToken: () => Promise<void> = async () => {};
  /** What it says; by default what it was told. */
  says: ((generation: Generation) => string[]) | undefined;
  /** Generations that came to an end of any kind. */
  ended = 0;

  async *generate(
    generation: Generation,
    signal: AbortSignal,
  ): AsyncGenerator<GenerationEvent, void, void> {
    this.asked.push(generation);
    try {
      const prompt = JSON.stringify(generation.prompt);
      if (prompt.length > CONTEXT_CHARACTERS) {
        throw new PromptTooLongError(prompt.length, CONTEXT_CHARACTERS);
      }
      yield { kind: 'prompt', tokens: Math.ceil(prompt.length / 4) };
      const pieces = this.says?.(generation) ?? cut(reply(generation));
      for (const text of pieces.slice(0, generation.maxTokens)) {
        await this.beforeToken();
        if (signal.aborted) return;
        yield { kind: 'token', text };
      }
      const whole = pieces.length <= generation.maxTokens;
      yield { kind: 'end', reason: whole ? 'stop' : 'length' };
    } finally {
      this.ended++;
    }
  }
}

function reply({ prompt, schema }: Generation): string {
  if (schema !== undefined) return '{"answer":42}\n\n\n\n';
  if (prompt.kind === 'text') return `${prompt.text}!`;
  return `You said: ${prompt.messages.at(-1)?.text}`;
}

function cut(text: string): string[] {
  const characters = [...text];
  const size = Math.ceil(characters.length / ANSWER_TOKENS);
  return Array.from({ length: ANSWER_TOKENS }, (_, index) =>
    characters.slice(index * size, (index + 1) * size).join(''),
  );
}
