import { type GitWriter, GREENROOM } from './GitWriter';

const README = `# Environments

What runs where. Each model that is deployed has one file,
\`environments/<environment>/models/<model>.yaml\`, and the \`main\` branch is the
truth: what it says is what Greenroom runs.

Change it with "Promote" in the portal, or clone this repository, edit a file and
push. A push to \`main\` counts at once; a branch can be promoted and reviewed in
the portal first.
`;

/** The commit that an empty environments repository begins with: what it is for, and a folder for each environment. */
export function commitStart(
  writer: GitWriter,
  environments: readonly string[],
): Promise<string> {
  return writer.commitFiles({
    parent: undefined,
    changes: [
      { path: 'README.md', content: README },
      ...environments.map(environment => ({
        path: `environments/${environment}/models/.gitkeep`,
        content: '',
      })),
    ],
    message: 'Start the environments repository\n',
    author: GREENROOM,
  });
}
