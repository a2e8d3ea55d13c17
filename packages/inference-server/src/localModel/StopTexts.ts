/**
 * Passes on what is written until one of some texts comes up, which is left out. What may be
 * the begin of one is held back until it is known.
 */
export class StopTexts {
  readonly #stops: readonly string[];
  #held = '';
  #stopped = false;

  constructor(stops: readonly string[]) {
    this.#stops = stops;
  }

  /** Whether one of the texts came up. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** @returns what may be passed on now */
  push(text: string): string {
    if (this.#stopped) return '';
    const all = this.#held + text;
    const found = this.#stops
      .map(stop => all.indexOf(stop))
      .filter(at => at >= 0);
    if (found.length > 0) {
      this.#stopped = true;
      this.#held = '';
      return all.slice(0, Math.min(...found));
    }
    const from = all.length - this.#beginOfStop(all);
    this.#held = all.slice(from);
    return all.slice(0, from);
  }

  /** @returns what was held back, when nothing more comes */
  end(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }

  /** Length of the longest end of a text that one of the stops begins with. */
  #beginOfStop(text: string): number {
    const longest = Math.max(0, ...this.#stops.map(stop => stop.length - 1));
    for (let size = Math.min(longest, text.length); size > 0; size--) {
      const end = text.slice(-size);
      if (this.#stops.some(stop => stop.startsWith(end))) return size;
    }
    return 0;
  }
}
