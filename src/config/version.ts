// Versions as "haproxy -v" shows them: 3.2.0, 2.4-dev19, 2.4-rc1, 2.6.12-1 (commits after the release), any suffix
// behind a plus sign.

/** Comparable from left to right: major, minor, stage (dev, rc, release), number in the stage, commits since. */
type Version = readonly number[];

const VERSION = /^(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6})|-(dev|rc)(\d{1,6}))?(?:-(\d{1,9})(?:-[0-9a-f]+)?)?(?:\+.*)?$/;

const STAGES = ["dev", "rc", ""];

/** Missing components are zero. Null when the text is no version. */
export function parseVersion(text: string): Version | null {
  const m = VERSION.exec(text);
  if (m === null) return null;
  const [, major, minor, patch, stage, stageNumber, commits] = m;
  const ordinal = stage === undefined ? patch : stageNumber;
  return [major, minor, STAGES.indexOf(stage ?? ""), ordinal, commits].map((part) => Number(part ?? 0));
}

/** Negative when `a` is older than `b`, 0 when equal, positive when newer. */
export function compareVersions(a: Version, b: Version): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return 0;
}
