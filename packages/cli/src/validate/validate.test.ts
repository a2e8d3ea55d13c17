import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { manifest, run, write } from '../__testUtils__/run';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'validate-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const DIGITS = 'environments/production/models/digits.yaml';
const validate = (
  args: string[] = [],
  environment: Record<string, string> = {},
) => run(['validate', ...args], { directory, environment });

describe('greenroom validate', () => {
  it('passes what is right, and says against what it was held', async () => {
    write(directory, DIGITS, manifest());
    write(directory, 'environments/README.md', 'no manifest');
    const { code, printed } = await validate();
    expect(code).toBe(0);
    expect(printed).toBe(
      '1 manifest held against the format alone: nothing is wrong',
    );
  });

  it('counts a single fault as one', async () => {
    write(directory, DIGITS, manifest({}, 'two'));
    const { printed } = await validate();
    expect(printed).toMatch(/the format alone: 1 fault$/);
  });

  it('names each fault with its file and line', async () => {
    write(directory, DIGITS, manifest({}, 'two'));
    write(directory, 'environments/dev/digits.yml', manifest());
    const { code, printed } = await validate();
    expect(code).toBe(1);
    expect(printed).toContain(`${DIGITS}:7: spec.version: `);
    expect(printed).toContain(
      'environments/dev/digits.yml: expected manifests at',
    );
    expect(printed).toContain(
      '2 manifests held against the format alone: 2 faults',
    );
  });

  it('makes annotations of them in a workflow, whatever is in a file', async () => {
    const name = '100%25\n::error::x';
    write(
      directory,
      `sub/${DIGITS}`,
      manifest({ model: JSON.stringify(name) }),
    );
    const { printed } = await validate(['sub'], { GITHUB_ACTIONS: 'true' });
    const [first, ...others] = printed.split('\n');
    expect(first).toMatch(
      /^::error file=sub\/environments\/production\/models\/digits.yaml,line=4::metadata.name: /,
    );
    expect(others.filter(line => line.startsWith('::error::x'))).toEqual([]);
  });

  it('knows the environments that are named', async () => {
    write(directory, DIGITS, manifest());
    const { code, printed } = await validate(['--environments', 'dev,staging']);
    expect(code).toBe(1);
    expect(printed).toContain('expected one of the environments dev, staging');
  });

  it('gives programs JSON alone on standard output', async () => {
    write(directory, DIGITS, manifest({}, 0));
    const { printed } = await validate(['--json']);
    expect(JSON.parse(printed)).toMatchObject({
      manifests: 1,
      faults: [{ path: DIGITS, line: 7 }],
    });
  });

  it('follows no links, and says when it is no environments repository', async () => {
    expect((await validate()).complained).toMatch(/no folder environments/);
    write(directory, DIGITS, manifest());
    symlinkSync('/etc/passwd', path.join(directory, 'environments/x.yaml'));
    expect((await validate()).code).toBe(0);
  });
});
