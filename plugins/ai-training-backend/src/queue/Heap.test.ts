import fc from 'fast-check';
import { Heap } from './Heap';

it('gives the least first, whatever is put in between', () => {
  fc.assert(
    fc.property(
      fc.array(fc.option(fc.integer({ min: 0, max: 20 })), { maxLength: 60 }),
      steps => {
        const heap = new Heap<number>((a, b) => a - b);
        const model: number[] = [];
        const popped: (number | undefined)[] = [];
        const expected: (number | undefined)[] = [];
        for (const step of steps) {
          if (step === null) {
            popped.push(heap.pop());
            expected.push(model.sort((a, b) => a - b).shift());
          } else {
            heap.push(step);
            model.push(step);
          }
        }
        expect(popped).toEqual(expected);
      },
    ),
  );
});
