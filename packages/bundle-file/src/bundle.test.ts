import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { checkBundle, MAX_BUNDLE_FILES, type BundleFile } from './bundle';
import { encodeBundle, parseBundle } from './encodeBundle';
import { onnxFileOf } from './onnxFileOf';

const DIGEST = `sha256:${'a'.repeat(64)}` as const;

const fileOf = (path: string, changes: Partial<BundleFile> = {}) => ({
  path,
  digest: DIGEST,
  sizeBytes: 1,
  ...changes,
});
const bundleOf = (...files: (string | BundleFile)[]) => ({
  format: 'onnx',
  files: files.map(file => (typeof file === 'string' ? fileOf(file) : file)),
});
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe('checkBundle', () => {
  it.each([
    'model.onnx',
    'a/b/c.txt',
    'Tokenizer (1).json',
    'größe.txt',
    '..a',
    'a/...',
    'tokenizer/bundle.json',
  ])('takes %j', path => {
    expect(() => checkBundle(bundleOf(path))).not.toThrow();
  });

  it.each<[string, RegExp]>([
    ['', /"" has no path/],
    ['/etc/passwd', /absolute path/],
    ['C:/weights.bin', /absolute path/],
    ['../weights.bin', /"\.\.\/weights\.bin" has '\.\.' between/],
    ['a/../../b', /has '\.\.' between/],
    ['./a', /has '\.' between/],
    ['a//b', /has '' between/],
    ['a/', /has '' between/],
    ['a\\b', /backslash/],
    ['a\nb', /"a\\nb" has a control character/],
    ['a\u0000', /control character/],
    ['gro\u0308sse', /not in the Unicode form NFC/],
    ['\ud800', /half a character/],
    ['a'.repeat(256), /name of more than 255 bytes/],
    [`${'ä'.repeat(100)}/`.repeat(3), /path of more than 512 bytes/],
    ['Bundle.json', /like the list of files itself/],
  ])('refuses the path %j', (path, reason) => {
    expect(() => checkBundle(bundleOf(path))).toThrow(reason);
  });

  it.each<[string[], RegExp]>([
    [['a', 'a'], /File 'a' is named twice/],
    [['a/b', 'A/b'], /'a\/b' and 'A\/b' differ in the case/],
    [['a/b', 'A/c'], /lies in 'A', which differs from 'a'/],
    [['a', 'a/b'], /'a\/b' lies in 'a', which is a file/],
    [['A', 'a/b/c'], /'a\/b\/c' lies in 'A', which is a file/],
  ])('refuses %j in one place', (paths, reason) => {
    expect(() => checkBundle(bundleOf(...paths))).toThrow(reason);
  });

  it('refuses sizes and digests that are none, by the name of the file', () => {
    const check = (changes: Partial<BundleFile>) => () =>
      checkBundle(bundleOf(fileOf('w.bin', changes)));
    expect(check({ sizeBytes: -1 })).toThrow(/'w\.bin' has the size -1/);
    expect(check({ sizeBytes: 0.5 })).toThrow(/'w\.bin' has the size 0\.5/);
    expect(check({ digest: 'sha256:x' })).toThrow(/'w\.bin' has the digest/);
  });

  it('counts the files', () => {
    const many = Array.from({ length: MAX_BUNDLE_FILES }, (_, i) => `f${i}`);
    expect(() => checkBundle(bundleOf(...many))).not.toThrow();
    expect(() => checkBundle(bundleOf(...many, 'one-more'))).toThrow(
      /has 10001 files, where 1 to 10000/,
    );
    expect(() => checkBundle(bundleOf())).toThrow(/has 0 files/);
  });
});

describe('encodeBundle', () => {
  it('is the same bytes for the same files in any order', () => {
    const bundle = bundleOf('z', 'Y/a', '\u{10000}', '\uffff', 'ä');
    const files = ['Y/a', 'z', 'ä', '\uffff', '\u{10000}']
      .map(path => `{"digest":"${DIGEST}","path":"${path}","sizeBytes":1}`)
      .join(',');
    const expected = `{"files":[${files}],"format":"onnx"}`;
    expect(text(encodeBundle(bundle))).toBe(expected);
    bundle.files.reverse();
    expect(text(encodeBundle(bundle))).toBe(expected);
  });

  it('has a digest that never changes', () => {
    const bytes = encodeBundle(
      bundleOf(fileOf('model.onnx', { sizeBytes: 42 }), 'a "quoted" name'),
    );
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(
      '90072497485ab554270a61cae745a9637c78ae4af8f18f78f9c73eb9056acd78',
    );
  });

  it('is read back by parseBundle', () => {
    const path = fc
      .array(fc.stringMatching(/^[a-zäß0-9 "_-]{1,8}$/), {
        minLength: 1,
        maxLength: 3,
      })
      .map(names => names.map((name, i) => `${i}${name}`).join('/'));
    const files = fc.uniqueArray(
      fc.record({
        path: path.map(name => `${name}.x`),
        digest: fc.constant(DIGEST),
        sizeBytes: fc.nat(),
      }),
      { selector: file => file.path, minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(files, list => {
        const bytes = encodeBundle({ format: 'onnx', files: list });
        const read = parseBundle(bytes);
        expect(new Set(read.files)).toEqual(new Set(list));
        expect(encodeBundle(read)).toEqual(bytes);
      }),
    );
  });
});

describe('parseBundle', () => {
  const right = text(encodeBundle(bundleOf('a', 'b')));

  it.each<[string, string, RegExp]>([
    ['no JSON', 'PK\u0003\u0004', /not JSON/],
    ['another document', '{"a":1}', /names no format/],
    [
      'an entry without digest',
      '{"files":[{"path":"a"}],"format":"x"}',
      /entry without/,
    ],
    ['white space', `${right} `, /not in its canonical form/],
    [
      'another order of fields',
      `{"format":"onnx",${right.slice(1).replace(',"format":"onnx"', '')}`,
      /canonical/,
    ],
    ['a further field', right.replace('{', '{"a":1,'), /canonical/],
    ['a path upwards', right.replace('"a"', '"../a"'), /has '\.\.' between/],
    ['a byte order mark', `\ufeff${right}`, /not JSON/],
  ])('refuses %s', (_name, json, reason) => {
    expect(() => parseBundle(Buffer.from(json))).toThrow(reason);
  });
});

describe('onnxFileOf', () => {
  it('is model.onnx, or the only ONNX file', () => {
    expect(onnxFileOf(bundleOf('a.onnx', 'model.onnx')).path).toBe(
      'model.onnx',
    );
    expect(onnxFileOf(bundleOf('w.bin', 'sub/a.ONNX')).path).toBe('sub/a.ONNX');
    expect(() => onnxFileOf(bundleOf('w.bin'))).toThrow(/has no ONNX file/);
    expect(() => onnxFileOf(bundleOf('a.onnx', 'b.onnx'))).toThrow(
      /2 ONNX files \('a\.onnx', 'b\.onnx'\): name the one to serve model\.onnx/,
    );
  });
});
