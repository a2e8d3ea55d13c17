/** What a version is made of and how good it is, as a CycloneDX bill of materials (1.6). */
export interface MlBom {
  bomFormat: 'CycloneDX';
  specVersion: '1.6';
  /** `urn:uuid:` and a UUID that is made of the version's digest: the same for ever. */
  serialNumber: string;
  /** Grows with each evaluation that is added to the version. */
  version: number;
  metadata: {
    /** When the version was registered. */
    timestamp: string;
    component: MlBomComponent;
    [field: string]: unknown;
  };
  /** Datasets, and the model of a provider. */
  components: MlBomComponent[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

export interface MlBomComponent {
  type: 'machine-learning-model' | 'data' | 'file';
  name: string;
  'bom-ref'?: string;
  hashes?: { alg: 'SHA-256'; content: string }[];
  [field: string]: unknown;
}
