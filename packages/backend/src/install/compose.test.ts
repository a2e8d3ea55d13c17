import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { programOf, ROOT } from '../workflows/__testUtils__/act';

const FOLDER = path.join(ROOT, 'deploy/compose');
const SETTINGS = {
  GREENROOM_URL: 'https://portal.example.com',
  GREENROOM_DATA_PLANE_URL: 'https://models.example.com',
  AUTH_GITHUB_CLIENT_ID: 'abc',
};
const OURS = ['control-plane', 'data-plane', 'migrations'];

interface Service {
  image: string;
  mem_limit?: string;
  build?: { context: string; dockerfile: string; target: string };
  command?: string[];
  environment: Record<string, string>;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  depends_on?: Record<string, { condition: string }>;
  ports?: { target: number; host_ip?: string }[];
  stop_grace_period?: string;
}
interface Project {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
  configs: Record<string, { file: string }>;
}

/** As `docker compose config` does it. */
const read = (
  files: string[],
  settings: Record<string, string> = SETTINGS,
  folder = FOLDER,
) =>
  spawnSync(programOf('GREENROOM_TEST_COMPOSE'), files, {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...settings },
  });
const projectOf = (...files: string[]): Project => {
  const { status, stdout, stderr } = read(files);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout);
};

describe('the compose file', () => {
  it('says which settings are missing', () => {
    const { status, stderr } = read(['compose.yaml'], {});
    expect(status).not.toBe(0);
    for (const setting of Object.keys(SETTINGS)) {
      expect(stderr).toContain(`required variable ${setting} is missing`);
    }
  });

  it('names no setting that its example does not have', () => {
    const example = readFileSync(path.join(FOLDER, 'env.example'), 'utf8');
    for (const setting of Object.keys(SETTINGS)) {
      expect(example).toMatch(new RegExp(`^${setting}=`, 'm'));
    }
  });

  it('has the database migrated before a control plane serves', () => {
    const { services } = projectOf('compose.yaml');
    const { command: serve = [], depends_on: needs } =
      services['control-plane'];
    expect(services.migrations.command).toEqual([...serve, '--migrate-only']);
    expect(needs).toMatchObject({
      database: { condition: 'service_healthy' },
      migrations: { condition: 'service_completed_successfully' },
    });
    const settings = parse(
      readFileSync(path.join(FOLDER, 'app-config.compose.yaml'), 'utf8'),
    );
    expect(settings.backend.database.skipMigrations).toBe(true);
  });

  it('runs with no more rights than are needed, and shows nothing to other machines by itself', () => {
    const { services } = projectOf('compose.yaml');
    expect(Object.keys(services).sort()).toEqual(['database', ...OURS].sort());
    for (const name of OURS) {
      expect(services[name]).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
    }
    const hosts = Object.values(services).flatMap(({ ports = [] }) =>
      ports.map(({ host_ip }) => host_ip),
    );
    expect(hosts).toHaveLength(4);
    expect(new Set(hosts)).toEqual(new Set(['127.0.0.1']));
  });

  it('has a database that takes the connections of a control plane and of one that migrates', () => {
    const { command = [] } = projectOf('compose.yaml').services.database;
    const [, most] = /^max_connections=(\d+)$/.exec(command[2]) ?? [];
    // What app-config.yaml bounds each of them to.
    expect(Number(most)).toBeGreaterThan(2 * 120);
  });

  it('leaves the control plane as much memory as it needs while a version is tried', () => {
    const { mem_limit: limit } =
      projectOf('compose.yaml').services['control-plane'];
    expect(Number(limit)).toBe(2 * 1_024 ** 3);
    const { aiRegistry } = parse(
      readFileSync(path.join(FOLDER, 'app-config.compose.yaml'), 'utf8'),
    );
    expect(aiRegistry.trial.maxMemoryMiB).toBeLessThanOrEqual(1_024);
  });

  it('takes further variables from files of secrets, which need not be there', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'compose-'));
    try {
      cpSync(FOLDER, folder, {
        recursive: true,
        filter: source => path.basename(source) !== 'secrets',
      });
      mkdirSync(path.join(folder, 'secrets'));
      const write = (name: string, text: string) =>
        writeFileSync(path.join(folder, 'secrets', name), text);
      write('control-plane.env', 'GITHUB_TOKEN=of-the-control-plane\n');
      write('data-plane.env', 'PROVIDER_KEY=of-a-connection\n');
      const { stdout, stderr } = read(['compose.yaml'], SETTINGS, folder);
      expect(stderr).toBe('');
      const { services }: Project = JSON.parse(stdout);
      for (const name of ['control-plane', 'migrations']) {
        expect(services[name].environment).toHaveProperty(
          'GITHUB_TOKEN',
          'of-the-control-plane',
        );
      }
      expect(services['data-plane'].environment).toHaveProperty(
        'PROVIDER_KEY',
        'of-a-connection',
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('makes documentation in the folder of data: that of the program is read-only', () => {
    const { techdocs } = parse(
      readFileSync(path.join(ROOT, 'app-config.production.yaml'), 'utf8'),
    );
    expect(techdocs.publisher.local.publishDirectory).toBe(
      '${GREENROOM_DATA_DIR}/techdocs',
    );
  });

  it('has secrets as files, of which Git knows nothing', () => {
    const { secrets, configs, services } = projectOf(
      'compose.yaml',
      'compose.tls.yaml',
    );
    const ignored = readFileSync(path.join(ROOT, '.gitignore'), 'utf8');
    expect(ignored).toContain('deploy/compose/secrets/\n');
    for (const { file } of Object.values(secrets)) {
      expect(path.dirname(file)).toBe(path.join(FOLDER, 'secrets'));
    }
    for (const { file } of Object.values(configs)) {
      expect(existsSync(file)).toBe(true);
    }
    expect(services['data-plane'].environment).toMatchObject({
      GREENROOM_CONTROL_PLANE_TOKEN_FILE: '/run/secrets/data-plane-token',
      GREENROOM_TLS_CERT_FILE: '/run/secrets/tls.crt',
    });
  });

  it('builds images that there are', () => {
    const { services } = projectOf('compose.yaml');
    const dockerfile = readFileSync(
      path.join(ROOT, 'deploy/containers/Dockerfile'),
      'utf8',
    );
    for (const name of OURS) {
      const { build } = services[name];
      expect(build?.context).toBe(ROOT);
      expect(build?.dockerfile).toBe('deploy/containers/Dockerfile');
      expect(dockerfile).toMatch(new RegExp(` AS ${build?.target}$`, 'm'));
    }
  });
});
