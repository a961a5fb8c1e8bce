import type { FileChange, Patch, PatchOptions, Session } from '../types'

const files: FileChange[] = [
  ['src/session/timeout.ts', 'modified', 31, 12, ''],
  ['src/session/timeout.test.ts', 'added', 64, 0, ''],
  ['src/api/login.go', 'modified', 9, 4, ''],
  ['.github/workflows/ci.yml', 'modified', 3, 1, 'ci'],
  ['db/migrations/0042_session_expiry.sql', 'added', 14, 0, 'migration'],
  ['src/session/legacy.ts', 'deleted', 0, 88, 'deletion'],
  ['docs/sessions.md', 'renamed', 6, 2, ''],
  ['assets/logo.png', 'modified', 0, 0, ''],
  ['package-lock.json', 'modified', 412, 380, 'lock'],
].map(([path, status, added, removed, risk]) => ({
  path: String(path),
  old: status === 'renamed' ? 'docs/login.md' : '',
  status: String(status),
  added: Number(added),
  removed: Number(removed),
  binary: String(path).endsWith('.png'),
  risk: String(risk),
}))

export function fileChanges(s: Session, turn: number): FileChange[] {
  if (s.diff.files >= 5000)
    return Array.from({ length: s.diff.files }, (_, i) => ({
      ...files[i % 3]!,
      path: `packages/part-${String(i % 50).padStart(2, '0')}/src/module-${String(i).padStart(4, '0')}.ts`,
    }))
  if (!s.diff.files) return []
  return turn ? files.slice(0, 3) : files
}

const timeout = `@@ -1,12 +1,14 @@ import
 import { clock } from '../clock'
-import { Session } from './session'
+import { Session, type SessionId } from './session'
 
-const MINUTES = 30
+/** Minutes without a request after which a session ends. */
+export const IDLE_MINUTES = 30
 
 export class Timeout {
-  private timers = new Map<string, number>()
+  private timers = new Map<SessionId, ReturnType<typeof setTimeout>>()
 
   constructor(private sessions: Session[]) {}
 
-  // starts the timer
-  start(id: string) {
+  /** Starts the timer of a session again. */
+  touch(id: SessionId): void {
@@ -24,9 +26,16 @@ export class Timeout {
     const timer = this.timers.get(id)
     if (timer) clearTimeout(timer)
-    this.timers.set(id, setTimeout(() => this.end(id), MINUTES * 60 * 1000))
+    this.timers.set(
+      id,
+      setTimeout(() => this.end(id), IDLE_MINUTES * 60_000),
+    )
   }
 
+  /** How long the session has left, in milliseconds. */
+  left(id: SessionId): number {
+    const s = this.sessions.find((s) => s.id === id)
+    return s ? Math.max(0, s.lastSeen + IDLE_MINUTES * 60_000 - clock.now()) : 0
+  }
+
   end(id: string) {
     this.timers.delete(id)`

const login = `@@ -10,10 +10,15 @@ func (a *API) login(w http.ResponseWriter, r *http.Request) {
 	user, err := a.users.Find(r.Context(), name)
 	if err != nil {
-		http.Error(w, "failed", 500)
+		http.Error(w, "The user could not be read.", http.StatusInternalServerError)
 		return
 	}
-	token := newToken(user)
-	a.tokens[token] = user.ID
+	token, err := a.sessions.Begin(r.Context(), user.ID)
+	if err != nil {
+		a.log.Error("begin session", "user", user.ID, "err", err)
+		http.Error(w, "No session could be started.", http.StatusServiceUnavailable)
+		return
+	}
-	fmt.Fprintf(w, "%s", token)
+	writeJSON(w, loginAnswer{Token: token, Expires: a.clock().Add(idle)})
 }`

const workflow = `@@ -8,9 +8,11 @@ jobs:
     runs-on: ubuntu-latest
     steps:
       - uses: actions/checkout@v4
-      - run: npm test
+      - run: npm ci
+      - run: npm test -- --coverage
+      - run: npm run lint
         env:
           TZ: UTC
 `

export function patchOf(path: string, o: PatchOptions): Patch {
  const binary = path.endsWith('.png')
  const text = path.endsWith('.go') ? login : path.endsWith('.yml') ? workflow : timeout
  const repeat = path.endsWith('package-lock.json') ? 400 : 1
  const hunks = binary ? [] : Array.from({ length: repeat }, (_, i) => parse(text, i * 40)).flat()
  return { path, hunks: o.ignoreWhitespace ? hunks.slice(0, 1) : hunks, binary, truncated: repeat > 1 }
}

function parse(text: string, shift: number): Patch['hunks'] {
  const out: Patch['hunks'] = []
  for (const line of text.split('\n')) {
    const m = /^@@ -(\d+),(\d+) \+(\d+),(\d+) @@ ?(.*)$/.exec(line)
    if (m)
      out.push({
        oldStart: Number(m[1]) + shift,
        oldLines: Number(m[2]),
        newStart: Number(m[3]) + shift,
        newLines: Number(m[4]),
        heading: m[5]!,
        lines: [],
      })
    else out.at(-1)!.lines.push(line || ' ')
  }
  return out
}
