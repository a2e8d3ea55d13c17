import { EMPTY_EXTERNAL } from './externalForm';
import { readVersionUpload } from './versionUpload';

const fileAt = (path: string, text = 'x') => ({
  path,
  file: new File([text], path.split('/').at(-1) ?? path),
});
const read = (...files: ReturnType<typeof fileAt>[]) =>
  readVersionUpload({
    kind: 'files',
    external: EMPTY_EXTERNAL,
    files,
    description: '',
    commit: '',
  });

describe('readVersionUpload', () => {
  it.each([
    ['onnx', ['model.onnx', 'tokenizer.json']],
    ['onnx', ['digits.onnx']],
    ['mlflow', ['MLmodel', 'model.pkl']],
    ['mlflow', ['MLmodel', 'data/model.onnx']],
    ['mlflow', ['MLmodel']],
  ])('takes for %s: %j', async (format, paths) => {
    await expect(
      read(...paths.map(path => fileAt(path))),
    ).resolves.toMatchObject({ format, files: { length: paths.length } });
  });

  it.each([
    [[], 'or the folder that MLflow wrote'],
    [['weights.bin', 'deeper/MLmodel'], 'onnx'],
  ])('refuses %j', async (paths, reason) => {
    const { errors } = await read(...paths.map(path => fileAt(path)));
    expect(errors?.files).toContain(reason);
  });
});
