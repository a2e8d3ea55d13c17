import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import type { GateMode } from './PromotionGate';

const MODES: readonly GateMode[] = ['required', 'report', 'off'];

/** Where settings of a gate stand. */
export interface GateConfigSource {
  /** The key as people write it, for messages. */
  key: string;
  /** Undefined where nothing is set. */
  config: Config | undefined;
}

/** The settings of a gate: what an environment says, over what holds for all of them. */
export class GateConfig {
  readonly #sources: readonly GateConfigSource[];
  readonly #known = new Set<string>(['mode']);

  /** @param sources - those that count first come first */
  constructor(sources: readonly GateConfigSource[]) {
    this.#sources = sources;
  }

  mode(options: { default: GateMode; isAbsolute?: boolean }): GateMode {
    const found = this.#find('mode');
    if (!found) return options.default;
    const value = found.config.getString('mode');
    const mode = MODES.find(known => known === value);
    const allowed = options.isAbsolute ? ['required'] : MODES;
    if (mode && allowed.includes(mode)) return mode;
    throw new InputError(
      `${found.key}.mode is '${value}': expected ${allowed.join(', ')}${
        options.isAbsolute ? ', since nothing is served without this gate' : ''
      }`,
    );
  }

  number(
    name: string,
    options: { default: number; between: readonly [number, number] },
  ): number {
    const found = this.#find(name);
    const value = found?.config.getNumber(name) ?? options.default;
    const [lowest, highest] = options.between;
    if (value < lowest || value > highest) {
      throw new InputError(
        `${found?.key}.${name} is ${value}: it must lie between ${lowest} and ${highest}`,
      );
    }
    return value;
  }

  /** Undefined where it is not set. */
  optionalNumber(
    name: string,
    options: { between: readonly [number, number] },
  ): number | undefined {
    const isSet = this.#find(name) !== undefined;
    return isSet
      ? this.number(name, { ...options, default: options.between[0] })
      : undefined;
  }

  boolean(name: string, options: { default: boolean }): boolean {
    return this.#find(name)?.config.getBoolean(name) ?? options.default;
  }

  oneOf<T extends string>(
    name: string,
    options: { default: T; values: readonly T[] },
  ): T {
    const found = this.#find(name);
    if (!found) return options.default;
    const value = found.config.getString(name);
    const known = options.values.find(one => one === value);
    if (known !== undefined) return known;
    throw new InputError(
      `${found.key}.${name} is '${value}': expected ${options.values.join(
        ', ',
      )}`,
    );
  }

  strings(
    name: string,
    options: { default: readonly string[]; atMost: number },
  ): string[] {
    const found = this.#find(name);
    if (!found) return [...options.default];
    const values = found.config.getStringArray(name);
    if (values.length > options.atMost) {
      throw new InputError(
        `${found.key}.${name} has ${values.length} entries: expected at most ${options.atMost}`,
      );
    }
    return values;
  }

  /** Each setting was asked for by now: others are mistakes. */
  checkNothingElse(): void {
    for (const { key, config } of this.#sources) {
      const unknown = config?.keys().find(name => !this.#known.has(name));
      if (unknown !== undefined) {
        throw new InputError(
          `${key}.${unknown} is no setting of this gate: expected ${[
            ...this.#known,
          ].join(', ')}`,
        );
      }
    }
  }

  #find(name: string): { key: string; config: Config } | undefined {
    this.#known.add(name);
    for (const { key, config } of this.#sources) {
      if (config?.has(name)) return { key, config };
    }
    return undefined;
  }
}
