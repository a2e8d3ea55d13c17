import type { ArtifactStore } from '@greenroom/artifact-store';
import type { VersionRef } from '../VersionService';
import type { VersionStore } from '../VersionStore';
import {
  CONVERSION_FILE,
  type ConversionFile,
  readConversionFile,
} from './conversionFile';
import type { ConversionStore } from './ConversionStore';

/** What the models of converted versions have said of their examples, read from the files of the versions. */
export class ConversionExamples {
  readonly #artifacts: Pick<ArtifactStore, 'open'>;
  readonly #conversions: Pick<ConversionStore, 'find'>;
  readonly #versions: Pick<VersionStore, 'listFiles'>;

  constructor(options: {
    artifacts: Pick<ArtifactStore, 'open'>;
    conversions: Pick<ConversionStore, 'find'>;
    versions: Pick<VersionStore, 'listFiles'>;
  }) {
    this.#artifacts = options.artifacts;
    this.#conversions = options.conversions;
    this.#versions = options.versions;
  }

  /** Undefined where the version was not converted. */
  async find(ref: VersionRef): Promise<ConversionFile | undefined> {
    if (!(await this.#conversions.find(ref))) return undefined;
    const files = await this.#versions.listFiles(ref);
    const file = files.find(({ path }) => path === CONVERSION_FILE);
    if (!file) return undefined;
    const chunks: Buffer[] = [];
    for await (const chunk of await this.#artifacts.open(file.digest)) {
      chunks.push(Buffer.from(chunk));
    }
    return readConversionFile(Buffer.concat(chunks).toString('utf8'));
  }
}
