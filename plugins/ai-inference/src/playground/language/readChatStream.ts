import { createParser } from 'eventsource-parser';

/** What comes of a chat's answer, piece by piece. */
export type ChatPiece =
  | { kind: 'text'; text: string }
  /** What the model thinks before it says something. */
  | { kind: 'reasoning'; text: string }
  /** Why it ended, such as `stop` or `length`. */
  | { kind: 'end'; reason: string }
  | { kind: 'tokens'; input: number; output: number };

/** The fields that are read of a chunk of OpenAI's API. */
interface Chunk {
  error?: { message?: string };
  choices?: {
    delta?: {
      content?: string | null;
      refusal?: string | null;
      reasoning_content?: string | null;
      reasoning?: string | null;
    };
    finish_reason?: string | null;
  }[];
  usage?: { prompt_tokens?: number; completion_tokens?: number } | null;
}

const DONE = '[DONE]';

/**
 * Reads the stream of a chat.
 *
 * @throws Error with the data plane's sentence when the answer broke off
 */
export async function* readChatStream(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<ChatPiece, void, void> {
  const pieces: ChatPiece[] = [];
  let complete = false;
  const parser = createParser({
    onEvent: ({ data }) => {
      if (data === DONE) complete = true;
      else pieces.push(...piecesOf(JSON.parse(data)));
    },
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      parser.feed(decoder.decode(value, { stream: true }));
      yield* pieces.splice(0);
    }
  } finally {
    reader.releaseLock();
  }
  if (!complete) throw new Error('The answer broke off before its end');
}

function piecesOf({ error, choices, usage }: Chunk): ChatPiece[] {
  if (error) throw new Error(error.message ?? 'The answer broke off');
  const pieces: ChatPiece[] = [];
  // One answer is asked for.
  const [choice] = choices ?? [];
  const { content, refusal, reasoning_content, reasoning } =
    choice?.delta ?? {};
  const thought = reasoning_content ?? reasoning;
  if (thought) pieces.push({ kind: 'reasoning', text: thought });
  const text = content || refusal;
  if (text) pieces.push({ kind: 'text', text });
  if (choice?.finish_reason) {
    pieces.push({ kind: 'end', reason: choice.finish_reason });
  }
  if (usage) {
    pieces.push({
      kind: 'tokens',
      input: usage.prompt_tokens ?? 0,
      output: usage.completion_tokens ?? 0,
    });
  }
  return pieces;
}
