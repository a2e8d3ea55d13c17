import { formatOfFiles } from './formatOfFiles';

describe('formatOfFiles', () => {
  it.each([
    ['external', ['external.json']],
    ['onnx', ['external.json', 'model.onnx']],
    ['mlflow', ['MLmodel', 'model.pkl']],
    ['onnx', ['MLmodel', 'model.ONNX']],
    ['onnx', ['folder/MLmodel', 'weights.bin']],
    ['onnx', []],
  ])('%s: %j', (format, paths) => {
    expect(formatOfFiles(paths)).toBe(format);
  });
});
