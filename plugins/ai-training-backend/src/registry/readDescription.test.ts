import { Readable } from 'node:stream';
import {
  MAX_DESCRIPTION_BYTES,
  parseDescription,
  readDescription,
} from './readDescription';

describe('what lies beside a model', () => {
  it('is read as the registry takes it', () => {
    expect(
      parseDescription('{"description":"Small","tags":{"a":"b"}}'),
    ).toEqual({ description: 'Small', tags: { a: 'b' } });
  });

  it.each([
    ['{', /^greenroom\.json: not valid JSON/],
    ['[]', /^greenroom\.json: expected one JSON object/],
    ['null', /^greenroom\.json: expected one JSON object/],
    [
      '{"digest":"sha256:1"}',
      /^greenroom\.json: 'digest' is not known; expected description, /,
    ],
    ['{"tags":"a"}', /^greenroom\.json: tags is no object/],
    ['{"source":[]}', /^greenroom\.json: source is no object/],
  ])('is refused where it is %s', (text, message) => {
    expect(() => parseDescription(text)).toThrow(message);
  });

  it('is not read where it is too large', async () => {
    const open = jest.fn(async () => Readable.from([Buffer.from('{}')]));
    const file = (sizeBytes: number) => ({
      path: 'greenroom.json',
      digest: `sha256:${'1'.repeat(64)}` as const,
      sizeBytes,
    });
    await expect(
      readDescription(file(MAX_DESCRIPTION_BYTES), { open }),
    ).resolves.toEqual({});
    await expect(
      readDescription(file(MAX_DESCRIPTION_BYTES + 1), { open }),
    ).rejects.toThrow(/more than the 16777216 that it may have/);
    expect(open).toHaveBeenCalledTimes(1);
  });
});
