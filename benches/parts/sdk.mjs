// Lets guests return through the vendor's JavaScript SDK, IN_FLIGHT at a time.
// Usage: node sdk.mjs GUESTS.json IN_FLIGHT   (in a folder whose node_modules has `seam`)
import { readFileSync } from 'node:fs'
import { Seam } from 'seam'

const [file, inFlight] = process.argv.slice(2)
const guests = JSON.parse(readFileSync(file, 'utf8'))
const seam = new Seam({
  apiKey: process.env.SEAM_API_KEY,
  endpoint: process.env.SEAM_ENDPOINT,
})

const desk = async () => {
  for (let guest = guests.pop(); guest; guest = guests.pop()) {
    const { acs_user_id, acs_entrance_id } = guest
    await seam.acs.users.get({ acs_user_id })
    await seam.acs.users.revokeAccessToAllEntrances({ acs_user_id })
    await seam.acs.entrances.grantAccess({ acs_user_id, acs_entrance_id })
    await seam.acs.credentials.create(guest.key)
  }
}
await Promise.all(Array.from({ length: Number(inFlight) }, desk))
