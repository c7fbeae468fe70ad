/** Files that wait for real programs begin first: at the end of a run nobody would work beside them. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const slowFolders = ['/test/sandbox/', '/test/crash/', '/test/cli/', '/test/web/', '/test/db/'] as const;
/** Mostly they wait: for look-ups that come in half a minute, and for programs to start. */
const slowFiles = ['/test/sandbox/page-faults.test.ts', '/test/sandbox/playground.test.ts'] as const;

export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rank(a.moduleId) - rank(b.moduleId));
  }
}

function rank(file: string): number {
  const slowest = slowFiles.findIndex((one) => file.endsWith(one));
  if (slowest >= 0) return slowest;
  return slowFolders.some((folder) => file.includes(folder)) ? slowFiles.length : slowFiles.length + 1;
}
