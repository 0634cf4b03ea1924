// Lets one guest return, or gives a party its keys, through the vendor's JavaScript SDK. Calls that do not depend on
// each other are sent together.
// Usage: node stages.mjs STAY.json   (in a folder whose node_modules has `seam`)
import { readFileSync } from 'node:fs'
import { Seam } from 'seam'

const { kind, guests, doors, key, confirm } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const { acs } = new Seam({
  apiKey: process.env.SEAM_API_KEY,
  endpoint: process.env.SEAM_ENDPOINT,
})

const create = async (acs_user_id, visionline) =>
  await acs.credentials.create({
    ...key,
    acs_user_id,
    visionline_metadata: { ...key.visionline_metadata, ...visionline },
  })

const family = async () => {
  const [acs_user_id] = guests
  await acs.users.get({ acs_user_id })
  await acs.users.revokeAccessToAllEntrances({ acs_user_id })
  await Promise.all(
    doors.map((acs_entrance_id) => acs.entrances.grantAccess({ acs_user_id, acs_entrance_id })),
  )
  return [await create(acs_user_id, { override: true })]
}

const party = async () => {
  const [first, ...others] = guests
  const made = await create(first, { override: true })
  const joiner_acs_credential_ids = [made.acs_credential_id]
  const joined = await Promise.all(
    others.map((guest) => create(guest, { joiner_acs_credential_ids })),
  )
  return [made, ...joined]
}

const confirmed = async ({ acs_credential_id }) => {
  let synced = false
  while (!synced) {
    const read = await acs.credentials.get({ acs_credential_id })
    synced = read.is_latest_desired_state_synced_with_provider
  }
}

const made = await (kind === 'family' ? family() : party())
if (confirm) await Promise.all(made.map(confirmed))
