import { Installation } from './installation'

/** Builds the image that all stories need, once: its time is not a story's. */
export default async function image(): Promise<void> {
  const app = new Installation()
  try {
    const begun = Date.now()
    app.repository('warm')
    await app.bga('new', '--project', `${app.code}/warm`, '--model', 'demo/scripted', '--wait')
    console.log(`the image is there after ${((Date.now() - begun) / 1000).toFixed(1)} s`)
  } finally {
    await app.remove()
  }
}
