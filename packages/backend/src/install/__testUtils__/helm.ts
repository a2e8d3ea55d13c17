import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { programOf, ROOT } from '../../workflows/__testUtils__/act';

export const CHART = path.join(ROOT, 'deploy/helm/greenroom');

/** A Kubernetes object as far as tests look at it. */
export interface Rendered {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels: Record<string, string>;
    annotations?: Record<string, string>;
  };
  data?: Record<string, string>;
  spec?: Record<string, unknown>;
  rules?: unknown[];
  roleRef?: { name: string };
  subjects?: object[];
}

export interface HelmAnswer {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Values with what nobody can leave out, which is also what README.md of the chart shows. */
export const NEEDED = {
  url: 'https://portal.example.com',
  adminGroups: ['group:default/ml-platform'],
  database: {
    host: 'postgres.databases.svc',
    existingSecret: 'greenroom-database',
  },
  controlPlane: {
    image: { repository: 'registry.example.com/greenroom-control-plane' },
    existingSecret: 'greenroom-control-plane',
  },
  dataPlane: {
    image: { repository: 'registry.example.com/greenroom-data-plane' },
  },
  dataPlanes: {
    production: { tokenSecret: { name: 'greenroom-token-production' } },
  },
};

/** Runs Helm with folders of its own: nothing of who runs the tests counts. */
export class Helm {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'helm-'));
  readonly #kubeconfig: string | undefined;

  constructor(kubeconfig?: string) {
    if (kubeconfig === undefined) return;
    this.#kubeconfig = path.join(this.folder, 'kubeconfig');
    writeFileSync(this.#kubeconfig, kubeconfig);
  }

  /** Where values lie that are given to it. */
  write(values: object): string {
    const file = path.join(this.folder, 'values.yaml');
    writeFileSync(file, JSON.stringify(values));
    return file;
  }

  get environment(): Record<string, string> {
    return {
      PATH: process.env.PATH ?? '',
      HOME: this.folder,
      ...(this.#kubeconfig && { KUBECONFIG: this.#kubeconfig }),
    };
  }

  run(...args: string[]): HelmAnswer {
    return spawnSync(programOf('GREENROOM_TEST_HELM'), args, {
      encoding: 'utf8',
      env: this.environment,
    });
  }

  /** @throws Error with what it says, where it does not succeed */
  template(values: object, ...args: string[]): Rendered[] {
    const { status, stdout, stderr } = this.run(
      'template',
      'test',
      CHART,
      '--namespace=models',
      '--values',
      this.write(values),
      ...args,
    );
    if (status !== 0) throw new Error(stderr);
    return parseAllDocuments(stdout).flatMap(document => {
      const object = document.toJSON();
      return object ? [object] : [];
    });
  }
}
