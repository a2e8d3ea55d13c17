import { EXAMPLES } from './__testUtils__/examples';
import { parseManifest, printManifest } from '.';
import { findNotInForce } from './notInForce';

const place = { environment: 'production', model: 'digits' };
const IGNORED = ['replicas', 'resources'];

describe('what is not in force yet', () => {
  it.each(
    Object.entries(EXAMPLES).filter(([name]) => name !== 'everything else'),
  )('is nothing of a manifest with %s', (_name, { spec }) => {
    expect(findNotInForce(spec)).toEqual([]);
  });

  it('is refused with a sentence for each section', () => {
    const manifest = EXAMPLES['everything else'];
    expect(findNotInForce(manifest.spec)).toEqual(
      IGNORED.map(section =>
        expect.stringMatching(
          new RegExp(
            `^spec.${section}: this release does not .*: leave it out$`,
          ),
        ),
      ),
    );
    expect(() => parseManifest(printManifest(manifest), place)).toThrow(
      /digits\.yaml: spec\..*this release does not act on/,
    );
  });
});
