import { Tokenizer } from '@huggingface/tokenizers';
import { errorMessage } from '../../errors';
import { TOKENIZER_FILE } from './languageFile';

/** Turns texts into the numbers that a model takes, by its `tokenizer.json`. */
export class TextTokenizer {
  readonly #tokenizer: Tokenizer;

  /**
   * @param json - of the file
   * @throws Error that says what is wrong with it
   */
  constructor(json: string) {
    try {
      this.#tokenizer = new Tokenizer(JSON.parse(json), {});
      this.encode('text');
    } catch (error) {
      throw new Error(
        `${TOKENIZER_FILE} cannot be used: ${errorMessage(error)}`,
        { cause: error },
      );
    }
  }

  /** @returns the tokens, with those that begin and end a text; none that fill it up */
  encode(text: string): number[] {
    return this.#tokenizer.encode(text).ids;
  }
}
