export {
  describeArtifactStore,
  digestOf,
  streamOf,
} from './testing/artifactStoreConformance';
