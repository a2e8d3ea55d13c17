export {
  describeArtifactStore,
  digestOf,
  streamOf,
} from './testing/artifactStoreConformance';
export { startS3Server, type S3Server } from './testing/startS3Server';
