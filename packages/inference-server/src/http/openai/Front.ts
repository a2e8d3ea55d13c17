import type { LanguageTask, LanguageTasks } from '../../domain/LanguageModel';

/** A form in which a task is asked for and answered; several forms may ask for one task. */
export interface Front<T extends LanguageTask> {
  readonly task: T;
  /** @throws InferenceError `invalid` that names the field */
  parse(body: Buffer): Asking<T>;
}

/** One request in some form, and how its answer is written. */
export interface Asking<T extends LanguageTask> {
  /** As the caller wrote it: a name, or `name@version`. */
  model: string;
  /** Who asks, as far as the caller's own word goes. */
  user: string | undefined;
  request: LanguageTasks[T]['request'];
  /** Writes an answer that came as a whole: what becomes the body's JSON. */
  whole(answer: LanguageTasks[T]['answer']): object;
  stream(): StreamWriter<LanguageTasks[T]['chunk']>;
}

/** Writes a streamed answer as a `text/event-stream`, part by part. */
export interface StreamWriter<Chunk> {
  chunk(chunk: Chunk): string;
  /** The model has said all. */
  end(): string;
  /** It failed after it began; nothing comes after that. */
  fail(error: unknown): string;
}
