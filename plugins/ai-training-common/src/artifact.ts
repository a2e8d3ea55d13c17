/** A file that a run keeps, or a folder of such. */
export interface ArtifactFile {
  /** Below the run's artifacts, with slashes: `plots/roc.png`. */
  path: string;
  isFolder: boolean;
  /** Of a file. */
  bytes?: number;
}

export interface ArtifactPage {
  /** By name. */
  items: ArtifactFile[];
  /** Give it back as `cursor` for the next page; undefined on the last one. */
  nextCursor?: string;
}

/** What MLflow's protocol says of a file. */
export interface MlflowFile {
  path: string;
  is_dir: boolean;
  file_size?: number | string;
}

export function toArtifactFile(file: MlflowFile): ArtifactFile {
  const { path, is_dir: isFolder, file_size: size } = file;
  return {
    path,
    isFolder,
    ...(size !== undefined && !isFolder && { bytes: Number(size) }),
  };
}
