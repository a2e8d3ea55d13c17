/** What is started in the place of a program, such as a container engine that runs it. */
export type Wrap = (
  command: string[],
  of: {
    /** Name of the pod. */
    pod: string;
    variables: Record<string, string>;
    workingDirectory: string | undefined;
    /** Of this machine, that stand for the pod's volumes. */
    folders: string[];
  },
) => string[];
