import fc from 'fast-check';
import { Heap } from './Heap';

it('gives the least first, whatever is put in between', () => {
  fc.assert(
    fc.property(
      fc.array(fc.option(fc.integer({ min: 0, max: 20 })), { maxLength: 60 }),
      steps => {
        const heap = new Heap<number>((a, b) => a - b);
        let model: number[] = [];
        for (const step of steps) {
          if (step === null) {
            model.sort((a, b) => a - b);
            const [least, ...rest] = model;
            expect(heap.pop()).toBe(least);
            model = rest;
          } else {
            heap.push(step);
            model.push(step);
          }
        }
      },
    ),
  );
});
