/** The bytes are no ONNX file that can be read; the message says what to do. */
export class OnnxFileError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OnnxFileError';
  }
}
