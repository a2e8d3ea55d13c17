import fc from 'fast-check';
import { findRepeatedKey } from './repeatedKey';

describe('findRepeatedKey', () => {
  it.each<[string, string | undefined]>([
    ['{}', undefined],
    ['{"a": 1, "b": "a", "c": ["a", "a"]}', undefined],
    ['{"a": {"x": 1, "x": 2}, "b": [{"a": 1}, {"a": 2}]}', undefined],
    ['{"a": "\\\\", "b": "\\",\\"a\\":"}', undefined],
    ['{"a":1,"a":1}', 'a'],
    [' { "a" : [1, {"b": 2}], "b": {}, "b" : 3 }', 'b'],
    ['{"a": 1, "\\u0061": 2}', 'a'],
    ['{"__proto__": 1, "__proto__": 2}', '__proto__'],
  ])('of %s is %s', (json, key) => {
    JSON.parse(json);
    expect(findRepeatedKey(json)).toBe(key);
  });

  it('is none of what JSON.stringify writes, and each key that is put before it again', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }),
        fc.boolean(),
        (object, spaced) => {
          const json = JSON.stringify(object, undefined, spaced ? 1 : 0);
          expect(findRepeatedKey(json)).toBeUndefined();
          const [key] = Object.keys(object).slice(-1);
          expect(
            findRepeatedKey(`{${JSON.stringify(key)}:{},${json.slice(1)}`),
          ).toBe(key);
        },
      ),
    );
  });
});
