/** Why an attempt cannot begin: a sentence for whoever started the job. */
export class PreparationError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'PreparationError';
  }
}
