import { setImmediate } from 'node:timers/promises';
import { InferenceError } from '../../domain/InferenceError';
import type {
  AnswerOptions,
  LanguageAnswer,
  LanguageModel,
  LanguageTask,
  LanguageTasks,
} from '../../domain/LanguageModel';
import type { ModelRunner } from '../../domain/ModelRunner';
import type { Tensor, TensorSpec } from '../../domain/tensor';
import type { TokenEstimate } from '../../domain/tokenUse';
import { estimateTokens } from '../estimateTokens';
import { InvalidFieldError } from '../InvalidFieldError';
import { toEmbedding } from '../toEmbedding';
import { LANGUAGE_FILE, type LanguageDescription } from './languageFile';
import { pool, type Hidden } from './pool';
import type { TextTokenizer } from './TextTokenizer';

/** As OpenAI's API. */
const MAX_TEXTS = 2_048;
/** Texts of one run; those of several callers share one as the runner decides. */
const ROWS_PER_RUN = 16;
/** Lengths are rounded up to it, so that texts of callers that come together fit one run more often. */
const LENGTH_STEP = 8;
/** Longer texts have too many tokens in any language, and are not looked at for seconds. */
const MAX_CHARACTERS_PER_TOKEN = 64;
/** After so many characters others have their turn: it is computed on the thread that answers all. */
const CHARACTERS_PER_TURN = 20_000;
const TENSORS = new Set(['input_ids', 'attention_mask', 'token_type_ids']);

/** One text as tokens. */
interface Encoded {
  /** Position in the request. */
  index: number;
  ids: number[];
}

/** Embeds texts by a model of tensors: tokens in, pooled vectors out. */
export class EmbeddingModel implements LanguageModel {
  readonly tasks: ReadonlySet<LanguageTask> = new Set(['embeddings']);
  readonly #name: string;
  readonly #runner: ModelRunner;
  readonly #tokenizer: TextTokenizer;
  readonly #description: LanguageDescription;
  readonly #output: string;

  private constructor(options: EmbeddingParts) {
    this.#name = options.name;
    this.#runner = options.runner;
    this.#tokenizer = options.tokenizer;
    this.#description = options.description;
    this.#output = outputOf(options);
  }

  /**
   * Embeds a text before anybody asks, so that what does not fit together is found out.
   *
   * @throws Error that says what does not fit
   */
  static async create(options: EmbeddingParts): Promise<EmbeddingModel> {
    const { runner, description } = options;
    const other = runner.signature.inputs.find(
      ({ name, datatype }) =>
        !TENSORS.has(name) || !['INT64', 'INT32'].includes(datatype),
    );
    if (other) {
      throw new Error(
        `input "${other.name}" (${
          other.datatype
        }) is none that texts are made to: expected ${[...TENSORS].join(
          ', ',
        )}, as INT64 or INT32`,
      );
    }
    const model = new EmbeddingModel(options);
    const signal = new AbortController().signal;
    const texts = ['a text', 'and another, longer one'];
    const encoded = await model.#encode(texts, signal);
    await model.#run(encoded, signal).catch(error => {
      const { pooling, maxTokens } = description;
      throw new Error(
        `two texts cannot be embedded with pooling ${pooling} and ${maxTokens} tokens as ${LANGUAGE_FILE} says: ${error.message}`,
        { cause: error },
      );
    });
    return model;
  }

  estimate<T extends LanguageTask>(
    task: T,
    request: LanguageTasks[T]['request'],
  ): TokenEstimate {
    return estimateTokens(task, request);
  }

  async answer<T extends LanguageTask>(
    _task: T,
    asked: LanguageTasks[T]['request'],
    { signal }: AnswerOptions,
  ): Promise<LanguageAnswer<T>> {
    const request = asked as LanguageTasks['embeddings']['request'];
    if (request.dimensions !== undefined && request.dimensions !== null) {
      throw new InvalidFieldError(
        'dimensions',
        'this model gives vectors of one length only: leave it out',
      );
    }
    const encoded = await this.#encode(textsOf(request.input), signal);
    const vectors = await this.#embed(encoded, signal);
    const tokens = encoded.reduce((sum, { ids }) => sum + ids.length, 0);
    const body: LanguageTasks['embeddings']['answer'] = {
      object: 'list',
      model: this.#name,
      data: vectors.map((vector, index) =>
        toEmbedding(vector, index, request.encoding_format),
      ),
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    };
    return {
      kind: 'whole',
      body: body as LanguageTasks[T]['answer'],
      tokens: { input: tokens, output: 0 },
    };
  }

  async release(): Promise<void> {
    // The runner belongs to the version.
  }

  async #encode(
    texts: readonly string[],
    signal: AbortSignal,
  ): Promise<Encoded[]> {
    const { maxTokens } = this.#description;
    const encoded: Encoded[] = [];
    let characters = 0;
    for (const [index, text] of texts.entries()) {
      const field = texts.length === 1 ? 'input' : `input.${index}`;
      if (text === '') throw new InvalidFieldError(field, 'is empty');
      const limit = `expected at most ${maxTokens} tokens: embed its parts`;
      if (text.length > maxTokens * MAX_CHARACTERS_PER_TOKEN) {
        throw new InvalidFieldError(
          field,
          `has ${text.length} characters, ${limit}`,
        );
      }
      const ids = this.#tokenizer.encode(text);
      if (ids.length > maxTokens) {
        throw new InvalidFieldError(
          field,
          `has ${ids.length} tokens, ${limit}`,
        );
      }
      encoded.push({ index, ids });
      characters += text.length;
      if (characters > CHARACTERS_PER_TURN) {
        characters = 0;
        await setImmediate();
        checkThere(signal);
      }
    }
    return encoded;
  }

  /** @returns the vectors in the order of the request */
  async #embed(
    encoded: readonly Encoded[],
    signal: AbortSignal,
  ): Promise<Float32Array[]> {
    const vectors: Float32Array[] = [];
    // Texts of about one length share a run, so that little of it is spent on filling up.
    const sorted = [...encoded].sort((a, b) => a.ids.length - b.ids.length);
    for (let at = 0; at < sorted.length; at += ROWS_PER_RUN) {
      checkThere(signal);
      const part = sorted.slice(at, at + ROWS_PER_RUN);
      const found = await this.#run(part, signal);
      for (const [row, { index }] of part.entries()) {
        vectors[index] = found[row];
      }
    }
    return vectors;
  }

  async #run(
    part: readonly Encoded[],
    signal: AbortSignal,
  ): Promise<Float32Array[]> {
    const lengths = part.map(({ ids }) => ids.length);
    const longest = Math.max(...lengths);
    const width = Math.min(
      Math.ceil(longest / LENGTH_STEP) * LENGTH_STEP,
      this.#description.maxTokens,
    );
    const [output] = await this.#runner.run({
      inputs: this.#runner.signature.inputs.map(spec =>
        tensorOf(spec, part, width),
      ),
      rows: this.#runner.rowWise ? part.length : undefined,
      outputs: [this.#output],
      cancellation: {
        get cancelled() {
          return signal.aborted;
        },
      },
    });
    const hidden = this.#check(output, part.length, width);
    return pool(hidden, lengths, this.#description);
  }

  #check({ name, shape, data }: Tensor, rows: number, width: number): Hidden {
    const { pooling } = this.#description;
    const expected = pooling === 'none' ? [rows] : [rows, width];
    if (
      !(data instanceof Float32Array) ||
      shape.length !== expected.length + 1 ||
      !expected.every((size, axis) => shape[axis] === size)
    ) {
      throw new Error(
        `output "${name}" has the shape [${shape}], where [${expected}, size] of FP32 is expected for pooling ${pooling}`,
      );
    }
    return { data, shape };
  }
}

/** What a model that embeds is made of. */
export interface EmbeddingParts {
  /** As callers know the model. */
  name: string;
  runner: ModelRunner;
  tokenizer: TextTokenizer;
  description: LanguageDescription;
}

function outputOf({ runner, description }: EmbeddingParts): string {
  const { outputs } = runner.signature;
  const names = outputs.map(({ name }) => `"${name}"`).join(', ');
  const name = description.output ?? outputs[0]?.name;
  if (description.output === undefined && outputs.length !== 1) {
    throw new Error(
      `${LANGUAGE_FILE}: output: expected one of ${names}, since there is more than one`,
    );
  }
  if (!outputs.some(output => output.name === name)) {
    throw new Error(`${LANGUAGE_FILE}: output: expected one of ${names}`);
  }
  return name;
}

function textsOf(
  input: LanguageTasks['embeddings']['request']['input'],
): string[] {
  const texts: unknown[] = Array.isArray(input) ? input : [input];
  if (texts.length > MAX_TEXTS) {
    throw new InvalidFieldError(
      'input',
      `has ${texts.length} texts, expected at most ${MAX_TEXTS}`,
    );
  }
  return texts.map(text => {
    if (typeof text === 'string') return text;
    throw new InvalidFieldError('input', 'this model takes texts, not tokens');
  });
}

/** The texts as one input of the model, each filled up to the width. */
function tensorOf(
  { name, datatype }: TensorSpec,
  part: readonly Encoded[],
  width: number,
): Tensor {
  const values = new Array<number>(part.length * width).fill(0);
  if (name !== 'token_type_ids') {
    for (const [row, { ids }] of part.entries()) {
      for (let i = 0; i < ids.length; i++) {
        values[row * width + i] = name === 'attention_mask' ? 1 : ids[i];
      }
    }
  }
  const data =
    datatype === 'INT64'
      ? BigInt64Array.from(values, BigInt)
      : Int32Array.from(values);
  return { name, datatype, shape: [part.length, width], data };
}

function checkThere(signal: AbortSignal): void {
  if (signal.aborted) {
    throw new InferenceError('cancelled', 'the caller has gone');
  }
}
