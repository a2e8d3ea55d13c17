import { joinBody } from './joinBody';

const bytesOf = (length: number) =>
  Buffer.from(Array.from({ length }, (_, i) => i));

it.each([0, 1, 7, 8, 9])(
  'puts what follows %d bytes of JSON where numbers can be read',
  jsonBytes => {
    const whole = bytesOf(40);
    const body = joinBody(
      [whole.subarray(0, 13), whole.subarray(13, 14), whole.subarray(14)],
      40,
      jsonBytes,
    );
    expect(body).toEqual(whole);
    const isAligned = (body.byteOffset + jsonBytes) % 8 === 0;
    expect(isAligned || jsonBytes === 0).toBe(true);
  },
);

it('leaves a body that came in one piece where it is', () => {
  const whole = bytesOf(5);
  expect(joinBody([whole], 5, 3)).toBe(whole);
});

it.each([NaN, -8, 1.5, 1e9])(
  'keeps all bytes whatever the length %d means',
  jsonBytes => {
    const whole = bytesOf(5);
    const parts = [whole.subarray(0, 2), whole.subarray(2)];
    expect(joinBody(parts, 5, jsonBytes)).toEqual(whole);
  },
);

it('makes nothing of nothing', () => {
  expect(joinBody([], 0, 0)).toHaveLength(0);
  expect(joinBody([], 0, 12)).toHaveLength(0);
});
