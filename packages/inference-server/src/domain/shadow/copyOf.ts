import { refuseRawBytes } from '../bytesElements';
import type { Exchange, LanguagePayload, TensorPayload } from '../Exchange';
import type { Cancellation } from '../ModelRunner';
import type { ServedVersion, TensorVersion } from '../ServedVersion';
import { asLanguage, asTensors } from '../versionKinds';
import { LanguageGist } from './LanguageGist';
import { isSameAnswer } from './sameTensors';

/** What a copy needs while it is answered. */
export interface CopyContext {
  cancellation: Cancellation;
  signal: AbortSignal;
  /** Counts bytes that are held in memory. */
  hold(bytes: number): void;
}

/** A request as it was answered to its caller, for a shadow to answer too. */
export interface Copy {
  /** Bytes that it keeps in memory. */
  readonly bytes: number;
  /** Whether answering it holds the event loop, as models that run in this process do. */
  readonly holdsLoop: boolean;
  /**
   * Has the shadow answer it.
   *
   * @returns whether the answer is the caller's; undefined where the caller got none
   * @throws whatever the shadow throws
   */
  answer(context: CopyContext): Promise<boolean | undefined>;
}

/** @returns undefined for a request that was refused before it came to a run, or was not kept */
export function copyOf(
  { payload, served }: Pick<Exchange, 'payload' | 'served'>,
  shadow: ServedVersion,
): Copy | undefined {
  if (payload === undefined || served === undefined) return undefined;
  if (payload.kind === 'language') return copyOfText(payload, shadow);
  return served.kind === 'tensors'
    ? copyOfTensors(payload, served, shadow)
    : undefined;
}

function copyOfTensors(
  { inputs, rows, outputs }: TensorPayload,
  { schema, rowWise }: TensorVersion,
  shadow: ServedVersion,
): Copy {
  const names = outputs?.map(({ name }) => name);
  return {
    bytes: bytesOf([...inputs, ...(outputs ?? [])]),
    holdsLoop: !shadow.isRemote,
    async answer({ cancellation, hold }) {
      const other = asTensors(shadow);
      if (!other.isRemote) refuseRawBytes(inputs);
      const answered = await other.run({
        inputs,
        rows: rowWise && other.rowWise ? rows : undefined,
        outputs: names,
        cancellation,
        holder: { hold },
        isCopy: true,
      });
      return (
        outputs &&
        isSameAnswer(
          { outputs, schema },
          { outputs: answered, schema: other.schema },
          rows,
        )
      );
    },
  };
}

function copyOfText(
  { task, copied }: LanguagePayload,
  shadow: ServedVersion,
): Copy | undefined {
  if (copied === undefined) return undefined;
  const { request, gist, bytes } = copied;
  return {
    bytes,
    holdsLoop: !shadow.isRemote,
    async answer({ signal, hold }) {
      const { language } = asLanguage(shadow, task);
      const answer = await language.answer(task, withoutStream(request), {
        signal,
        hold,
        isCopy: true,
      });
      if (answer.kind !== 'whole') throw new Error('a copy that streams');
      const other = new LanguageGist();
      other.add(answer.body);
      return gist && gist.equals(other);
    },
  };
}

/** The same request for an answer in one piece. */
function withoutStream<R extends object>(request: R): R {
  const whole: R = { ...request };
  Reflect.deleteProperty(whole, 'stream');
  Reflect.deleteProperty(whole, 'stream_options');
  return whole;
}

/** Of what the tensors are views of, each once; texts and bytes by their length. */
function bytesOf(tensors: TensorPayload['inputs']): number {
  const buffers = new Set<ArrayBufferLike>();
  let bytes = 0;
  for (const { data } of tensors) {
    if (Array.isArray(data)) for (const one of data) bytes += 2 * one.length;
    else buffers.add(data.buffer);
  }
  for (const { byteLength } of buffers) bytes += byteLength;
  return bytes;
}
