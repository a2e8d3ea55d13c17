/** How alike two vectors of the same text are that are called the same: the cosine of their angle. */
const LEAST_COSINE = 0.999;

interface Message {
  content?: unknown;
  tool_calls?: unknown;
}

/**
 * What an answer of a language model comes to, in a form that two versions' answers can be compared
 * in: what was written, which tools were called with what, or the vectors. It takes a whole answer, or its chunks one by one.
 */
export class LanguageGist {
  /** What was written, by choice. */
  readonly #texts = new Map<number, string>();
  /** Tools' names and arguments, by choice and call. */
  readonly #calls = new Map<string, { name: string; arguments: string }>();
  readonly #vectors: number[][] = [];

  /** @param answer - of OpenAI's API: whole, or a chunk */
  add(answer: object): void {
    for (const choice of listIn(answer, 'choices')) {
      const index = Number(Reflect.get(choice, 'index') ?? 0);
      const { text, message, delta }: Record<string, unknown> = Object(choice);
      this.#write(index, text);
      this.#addMessage(index, Object(message));
      this.#addMessage(index, Object(delta));
    }
    for (const item of listIn(answer, 'data')) {
      const vector = toVector(Reflect.get(item, 'embedding'));
      if (vector) this.#vectors.push(vector);
    }
  }

  /** Whether both come to the same: texts but for the white space around them, tools' calls exactly, vectors nearly. */
  equals(other: LanguageGist): boolean {
    return (
      isSameMap(trimmed(this.#texts), trimmed(other.#texts)) &&
      isSameMap(asJson(this.#calls), asJson(other.#calls)) &&
      this.#vectors.length === other.#vectors.length &&
      this.#vectors.every((vector, i) => isAlike(vector, other.#vectors[i]))
    );
  }

  #addMessage(index: number, { content, tool_calls: calls }: Message): void {
    this.#write(index, content);
    if (!Array.isArray(calls)) return;
    calls.forEach((call, position) => {
      const { index: number, function: called } = Object(call);
      const key = `${index}/${number ?? position}`;
      const { name, arguments: given } = Object(called);
      const before = this.#calls.get(key) ?? { name: '', arguments: '' };
      this.#calls.set(key, {
        name: before.name + textOr(name),
        arguments: before.arguments + textOr(given),
      });
    });
  }

  #write(index: number, text: unknown): void {
    if (typeof text !== 'string') return;
    this.#texts.set(index, (this.#texts.get(index) ?? '') + text);
  }
}

function listIn(answer: object, name: string): object[] {
  const list: unknown = Reflect.get(answer, name);
  return Array.isArray(list) ? list.map(Object) : [];
}

function textOr(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** As numbers, or as the bytes of them in base64. */
function toVector(embedding: unknown): number[] | undefined {
  if (Array.isArray(embedding)) return embedding.map(Number);
  if (typeof embedding !== 'string') return undefined;
  const bytes = Buffer.from(embedding, 'base64');
  return Array.from({ length: bytes.length >> 2 }, (_, i) =>
    bytes.readFloatLE(i * 4),
  );
}

function trimmed(texts: Map<number, string>): Map<string, string> {
  return new Map(
    [...texts].map(([index, text]) => [String(index), text.trim()]),
  );
}

/** Arguments that are JSON are the same however they are spaced. */
function asJson(
  calls: Map<string, { name: string; arguments: string }>,
): Map<string, string> {
  return new Map(
    [...calls].map(([key, { name, arguments: given }]) => {
      let normal = given;
      try {
        normal = JSON.stringify(JSON.parse(given));
      } catch {
        // It is compared as it is.
      }
      return [key, `${name} ${normal}`];
    }),
  );
}

function isSameMap(one: Map<string, string>, other: Map<string, string>) {
  return (
    one.size === other.size &&
    [...one].every(([key, text]) => other.get(key) === text)
  );
}

function isAlike(one: number[], other: number[]): boolean {
  if (one.length !== other.length) return false;
  let product = 0;
  let ofOne = 0;
  let ofOther = 0;
  for (let i = 0; i < one.length; i++) {
    product += one[i] * other[i];
    ofOne += one[i] ** 2;
    ofOther += other[i] ** 2;
  }
  return product >= LEAST_COSINE * Math.sqrt(ofOne * ofOther);
}
