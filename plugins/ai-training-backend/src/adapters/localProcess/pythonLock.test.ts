import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPythonLock } from './pythonLock';

const ROOT = join(__dirname, '../../../../..');

const HASH = `--hash=sha256:${'0a'.repeat(32)}`;

it.each([
  'examples/digits',
  'examples/model-project',
  'plugins/ai-training-backend/converter',
])('%s has hashes of all that it names, and what is asked for', folder => {
  const read = (file: string) =>
    readPythonLock(readFileSync(join(ROOT, folder, file), 'utf8'), file);
  const lock = read('requirements.lock');
  expect(lock.hasHashes).toBe(true);
  const namesOf = ({ packages }: typeof lock) =>
    packages.map(({ name, version }) => `${name}==${version}`);
  expect(namesOf(lock)).toEqual(
    expect.arrayContaining(namesOf(read('requirements.txt'))),
  );
});

describe('readPythonLock', () => {
  it('reads names and versions', () => {
    expect(
      readPythonLock(
        `# by pip freeze
numpy==2.4.6
scikit-learn == 1.9.1  # of the model
uvicorn[standard]==0.30.0 ; python_version >= "3.9"
torch==2.8.0+cpu
`,
        'requirements.lock',
      ),
    ).toEqual({
      hasHashes: false,
      packages: [
        { name: 'numpy', version: '2.4.6', hasHash: false },
        { name: 'scikit-learn', version: '1.9.1', hasHash: false },
        { name: 'uvicorn', version: '0.30.0', hasHash: false },
        { name: 'torch', version: '2.8.0+cpu', hasHash: false },
      ],
    });
  });

  it('reads hashes over several lines', () => {
    const text = `numpy==2.4.6 \\\n    ${HASH} \\\n    ${HASH}\n    # via -r in\nscipy==1.17.1 ${HASH}\n`;
    const { hasHashes, packages } = readPythonLock(text, 'requirements.lock');
    expect(hasHashes).toBe(true);
    expect(packages.map(({ name }) => name)).toEqual(['numpy', 'scipy']);
  });

  it.each([
    'numpy',
    'numpy>=2',
    'numpy==2.*',
    'numpy~=2.4',
    'numpy==2.4.6,<3',
    'numpy @ https://example.com/numpy.whl',
    'https://example.com/numpy.whl',
    '-r other.txt',
    '-e .',
    '--index-url https://example.com/simple',
    '--extra-index-url=https://example.com',
    './numpy.whl',
    'numpy==2.4.6 --config-settings=x=y',
  ])('takes nothing that may be something else tomorrow: %s', line => {
    expect(() =>
      readPythonLock(`scipy==1.17.1\n${line}\n`, 'requirements.lock'),
    ).toThrow('requirements.lock, line 2: expected');
  });

  it('takes hashes of all or of none', () => {
    expect(() =>
      readPythonLock(`numpy==2.4.6 ${HASH}\nscipy==1.17.1\n`, 'a.lock'),
    ).toThrow('a.lock: scipy has no hash');
  });

  it('reads a list of nothing', () => {
    expect(readPythonLock('# nothing\n', 'a.lock').packages).toEqual([]);
  });
});
