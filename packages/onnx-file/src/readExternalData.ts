import { OnnxFileError } from './OnnxFileError';
import {
  ELEMENTS,
  isBytes,
  isVarint,
  LISTS,
  ProtobufReader,
  type RandomAccessBytes,
  type Span,
} from './ProtobufReader';

/** Where the values of a tensor lie, if not in the ONNX file itself. */
export interface ExternalData {
  /** Name of the tensor; empty when it has none. */
  tensor: string;
  /** Path of the file as the tensor names it, from the folder of the ONNX file. */
  location: string;
  offsetBytes: number;
  /** Undefined: up to the end of the file. */
  lengthBytes?: number;
}

const MAX_TEXT_BYTES = 4096;
/** Graphs within graphs, as those of loops; more is an attack. */
const MAX_DEPTH = 32;
/** `TensorProto.DataLocation` of the ONNX format. */
const EXTERNAL = 1;

/** Goes through the messages that can hold tensors, by their field numbers in the format. */
class Walk {
  readonly found: ExternalData[] = [];
  readonly #reader: ProtobufReader;

  constructor(reader: ProtobufReader) {
    this.#reader = reader;
  }

  async model(span: Span): Promise<void> {
    for await (const field of this.#reader.fields(span)) {
      if (isBytes(field, 7)) await this.#graph(field.span, 0);
      else if (isBytes(field, 20)) await this.#training(field.span);
      else if (isBytes(field, 25)) await this.#function(field.span);
    }
  }

  async #training(span: Span): Promise<void> {
    for await (const field of this.#reader.fields(span)) {
      if (isBytes(field, 1) || isBytes(field, 2)) {
        await this.#graph(field.span, 0);
      }
    }
  }

  async #function(span: Span): Promise<void> {
    for await (const field of this.#reader.fields(span)) {
      if (isBytes(field, 7)) await this.#node(field.span, 0);
      // Default values of the function's attributes.
      else if (isBytes(field, 11)) await this.#attribute(field.span, 0);
    }
  }

  async #graph(span: Span, depth: number): Promise<void> {
    if (depth > MAX_DEPTH) {
      throw new OnnxFileError(
        `The ONNX file has more than ${MAX_DEPTH} graphs within each other`,
      );
    }
    for await (const field of this.#reader.fields(span)) {
      if (isBytes(field, 1)) await this.#node(field.span, depth);
      else if (isBytes(field, 5)) await this.#tensor(field.span);
      else if (isBytes(field, 15)) await this.#sparse(field.span);
    }
  }

  async #node(span: Span, depth: number): Promise<void> {
    for await (const field of this.#reader.fields(span)) {
      if (isBytes(field, 5)) await this.#attribute(field.span, depth);
    }
  }

  async #attribute(span: Span, depth: number): Promise<void> {
    for await (const field of this.#reader.fields(span, LISTS)) {
      if (isBytes(field, 5) || isBytes(field, 10)) {
        await this.#tensor(field.span);
      } else if (isBytes(field, 6) || isBytes(field, 11)) {
        await this.#graph(field.span, depth + 1);
      } else if (isBytes(field, 22) || isBytes(field, 23)) {
        await this.#sparse(field.span);
      }
    }
  }

  async #sparse(span: Span): Promise<void> {
    for await (const field of this.#reader.fields(span)) {
      if (isBytes(field, 1) || isBytes(field, 2)) {
        await this.#tensor(field.span);
      }
    }
  }

  async #tensor(span: Span): Promise<void> {
    let tensor = '';
    let isExternal = false;
    const entries = new Map<string, string>();
    for await (const field of this.#reader.fields(span, ELEMENTS)) {
      if (isBytes(field, 8)) {
        tensor = await this.#reader.text(field.span, MAX_TEXT_BYTES);
      } else if (isBytes(field, 13)) {
        const [key, value] = await this.#entry(field.span);
        entries.set(key, value);
      } else if (isVarint(field, 14)) {
        isExternal = field.value === EXTERNAL;
      }
    }
    if (!isExternal) return;
    this.found.push({
      tensor,
      location: entries.get('location') ?? '',
      offsetBytes: wholeNumber(entries.get('offset')) ?? 0,
      lengthBytes: wholeNumber(entries.get('length')),
    });
  }

  async #entry(span: Span): Promise<[key: string, value: string]> {
    let key = '';
    let value = '';
    for await (const field of this.#reader.fields(span)) {
      if (isBytes(field, 1)) {
        key = await this.#reader.text(field.span, MAX_TEXT_BYTES);
      } else if (isBytes(field, 2)) {
        value = await this.#reader.text(field.span, MAX_TEXT_BYTES);
      }
    }
    return [key, value];
  }
}

function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = /^[0-9]+$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(number)) return number;
  throw new OnnxFileError(
    `The ONNX file has the position '${text}' in a file of weights, where a number of bytes is expected`,
  );
}

/**
 * Finds every tensor of an ONNX file whose values lie in another file, wherever it stands.
 *
 * @throws OnnxFileError when the bytes are no ONNX file
 */
export async function readExternalData(
  source: RandomAccessBytes,
): Promise<ExternalData[]> {
  const walk = new Walk(new ProtobufReader(source));
  await walk.model({ start: 0, end: source.sizeBytes });
  return walk.found;
}
