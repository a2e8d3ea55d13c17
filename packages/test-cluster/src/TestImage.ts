/** What stands for an image on this machine. */
export interface TestImage {
  /** What it runs where a container does not say its command. */
  command: string[];
  workingDirectory?: string;
  /** Its own variables; what a container says counts. */
  variables?: Record<string, string>;
  /** Where folders of it are on this machine. */
  folders?: { path: string; folder: string }[];
}

/** An image that is nothing but a command. */
export function toTestImage(image: string[] | TestImage): TestImage {
  return Array.isArray(image) ? { command: image } : image;
}
