import type { ChatPiece } from './readChatStream';

/** A version that is asked; undefined where the traffic split chooses. */
export type Asked = number | undefined;

export type AnswerState =
  | { kind: 'waiting' }
  | { kind: 'talking' }
  | { kind: 'done' }
  /** By whoever asked. */
  | { kind: 'stopped' }
  | { kind: 'failed'; error: Error };

export interface Answer {
  asked: Asked;
  /** Who answers, as the data plane says. */
  version?: string;
  text: string;
  reasoning: string;
  /** Why the model ended, such as `stop` or `length`. */
  end?: string;
  tokens?: { input: number; output: number };
  /** From the question to the first piece of the answer. */
  firstMillis?: number;
  totalMillis?: number;
  state: AnswerState;
}

export interface Turn {
  question: string;
  /** One of each version that was asked. */
  answers: Answer[];
}

export interface Message {
  role: 'user' | 'assistant';
  content: string;
}

export function beginTurn(
  turns: readonly Turn[],
  question: string,
  asked: readonly Asked[],
): Turn[] {
  const answers = asked.map(
    (one): Answer => ({
      asked: one,
      text: '',
      reasoning: '',
      state: { kind: 'waiting' },
    }),
  );
  return [...turns, { question, answers }];
}

/** The last turn with what has changed in one of its answers. */
export function changeAnswer(
  turns: readonly Turn[],
  asked: Asked,
  change: (answer: Answer) => Partial<Answer>,
): Turn[] {
  const last = turns.at(-1);
  if (!last) return [...turns];
  const answers = last.answers.map(answer =>
    answer.asked === asked ? { ...answer, ...change(answer) } : answer,
  );
  return [...turns.slice(0, -1), { ...last, answers }];
}

/** What a piece changes, a time after the question. */
export function takePiece(
  answer: Answer,
  piece: ChatPiece,
  sinceMillis: number,
): Partial<Answer> {
  switch (piece.kind) {
    case 'text':
      return {
        text: answer.text + piece.text,
        firstMillis: answer.firstMillis ?? sinceMillis,
        state: { kind: 'talking' },
      };
    case 'reasoning':
      return {
        reasoning: answer.reasoning + piece.text,
        firstMillis: answer.firstMillis ?? sinceMillis,
        state: { kind: 'talking' },
      };
    case 'tokens':
      return { tokens: { input: piece.input, output: piece.output } };
    default:
      return { end: piece.reason };
  }
}

/**
 * The conversation that one version has had, and the question it is asked now: what it did not answer, or another
 * one answered, it never hears of.
 */
export function messagesFor(turns: readonly Turn[], asked: Asked): Message[] {
  const current = turns.length - 1;
  return turns.flatMap(({ question, answers }, index): Message[] => {
    const asks: Message = { role: 'user', content: question };
    if (index === current) return [asks];
    const answer = answers.find(one => one.asked === asked);
    return answer && answer.text !== ''
      ? [asks, { role: 'assistant', content: answer.text }]
      : [];
  });
}

export function isRunning({ answers }: Turn): boolean {
  return answers.some(
    ({ state }) => state.kind === 'waiting' || state.kind === 'talking',
  );
}
