/** Every screen and every dialog of the window on a small album, for tests that look at all of them. */
import type { Page } from 'playwright-core'

export interface WindowState {
  name: string
  hash: string
  /** Brings the window from its first content to the state. */
  prepare?: (page: Page) => Promise<void>
}

const firstFace = (page: Page) => page.getByRole('option').first()

/** On an album of scenes in which two groups are named Anna and Ben, a face is put aside, and a file can't be read. */
export const statesOf = ({ groupId }: { groupId: number }): readonly WindowState[] => [
  { name: 'people', hash: '#/people', prepare: (page) => page.locator('.group').first().waitFor() },
  {
    name: 'naming a group',
    hash: '#/people',
    prepare: async (page) => {
      await page.locator('.group input').first().fill('a')
      await page.getByRole('option').first().waitFor()
    },
  },
  {
    name: 'groups that are selected',
    hash: '#/people',
    prepare: async (page) => {
      await page.locator('.group').getByRole('checkbox').first().click()
      await page.getByRole('toolbar', { name: 'Selected groups' }).waitFor()
    },
  },
  { name: 'a person', hash: '#/people/1', prepare: (page) => page.getByRole('option').first().click() },
  {
    name: 'the name of selected faces',
    hash: '#/people/1',
    prepare: async (page) => {
      await firstFace(page).click()
      await page.keyboard.press('t')
      await page.getByRole('dialog').getByRole('combobox').fill('b')
      await page.getByRole('dialog').getByRole('option').first().waitFor()
    },
  },
  {
    name: 'a person in many words',
    hash: '#/people/2',
    prepare: async (page) => {
      await firstFace(page).waitFor()
      await page.keyboard.press('r')
      await page.locator('.view-header input').fill('A')
      await page.getByRole('option', { name: /^Anna/ }).waitFor()
    },
  },
  { name: 'a group', hash: `#/groups/${groupId}`, prepare: async (page) => { await firstFace(page).click() } },
  { name: 'a person who is gone', hash: '#/people/999', prepare: (page) => page.locator('.empty').waitFor() },
  { name: 'a group that is gone', hash: '#/groups/999', prepare: (page) => page.locator('.empty').waitFor() },
  { name: 'the photos of a person', hash: '#/people/1/photos', prepare: (page) => page.locator('.photo').first().waitFor() },
  { name: 'suggestions', hash: '#/people/1/suggestions' },
  { name: 'all unnamed faces', hash: '#/faces/unnamed', prepare: (page) => page.getByRole('option').first().waitFor() },
  { name: 'ignored faces', hash: '#/faces/ignored', prepare: (page) => page.getByRole('option').first().click() },
  { name: 'review', hash: '#/review', prepare: (page) => page.locator('.large, .empty').first().waitFor() },
  {
    name: 'review of a face with a name to type',
    hash: '#/review',
    prepare: async (page) => {
      await page.locator('.large').first().waitFor()
      await page.keyboard.press('s')
    },
  },
  {
    name: 'a name that is too long',
    hash: '#/people/1',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Rename', exact: true }).click()
      await page.locator('.view-header input').fill('x'.repeat(300))
      await page.keyboard.press('Enter')
      await page.getByRole('alert').waitFor()
    },
  },
  {
    name: 'merging',
    hash: '#/people/1',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Merge…' }).click()
      await page.getByRole('dialog').getByRole('combobox').fill('ben')
      await page.keyboard.press('Enter')
      await page.getByRole('img', { name: 'Some faces of Ben' }).waitFor()
    },
  },
  {
    name: 'splitting',
    hash: '#/people/1',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Split…' }).click()
      await page.getByRole('dialog').locator('.group').first().waitFor()
      await page.getByRole('button', { name: 'No name' }).first().click()
    },
  },
  { name: 'bystanders', hash: '#/faces/bystanders', prepare: (page) => page.locator('.empty, [role=option]').first().waitFor() },
  {
    name: 'merging with nobody',
    hash: '#/people/1',
    prepare: async (page) => {
      await firstFace(page).waitFor()
      await page.keyboard.press('m')
      await page.getByRole('dialog').getByRole('combobox').fill('Zoe')
      await page.keyboard.press('Enter')
      await page.getByRole('dialog').getByRole('alert').waitFor()
    },
  },
  { name: 'photos', hash: '#/photos', prepare: (page) => page.locator('.photo').first().waitFor() },
  { name: 'a search', hash: '#/photos?q=anna%20-ben', prepare: (page) => page.getByText('without Ben').waitFor() },
  {
    name: 'a part of a search being changed, and the search as text',
    hash: `#/photos?q=${encodeURIComponent('anna -ben 2011..2013 in:album')}`,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Edit the search as text' }).click()
      await page.getByRole('button', { name: '2011 to 2013', exact: true }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'a search that is being completed',
    hash: '#/photos',
    prepare: async (page) => {
      await page.getByRole('combobox').press('ArrowDown')
      await page.getByRole('option').first().waitFor()
    },
  },
  { name: 'a search that finds nothing', hash: '#/photos?q=1999', prepare: (page) => page.locator('.empty').waitFor() },
  {
    name: 'a search that was not understood',
    hash: '#/photos?q=nobdy',
    prepare: (page) => page.getByRole('alert').waitFor(),
  },
  { name: 'a photo', hash: '#/photos?photo=3', prepare: (page) => page.getByRole('dialog').getByRole('listitem').first().waitFor() },
  { name: 'folders', hash: '#/folders', prepare: (page) => page.getByRole('heading', { name: 'album' }).waitFor() },
  {
    name: 'choosing a folder',
    hash: '#/folders',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Add folder' }).first().click()
      await page.getByRole('dialog').locator('ul button').first().waitFor()
    },
  },
  {
    name: 'removing a folder',
    hash: '#/folders',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Remove' }).first().click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'a face being drawn',
    hash: '#/photos?photo=3',
    prepare: async (page) => {
      await page.getByRole('dialog').getByRole('listitem').first().waitFor()
      for (const key of ['b', 'b', 'ArrowUp', 'Enter']) await page.keyboard.press(key)
      await page.getByRole('combobox', { name: 'Name of the new face' }).fill('a')
      await page.getByRole('option').first().waitFor()
    },
  },
  {
    name: 'a chosen face on a photo',
    hash: '#/photos?photo=3',
    prepare: async (page) => {
      await page.getByRole('dialog').getByRole('listitem').first().waitFor()
      await page.keyboard.press('ArrowDown')
      await page.locator('.handle').first().waitFor()
    },
  },
  {
    name: 'why a face may be somebody',
    hash: '#/people/1',
    prepare: async (page) => {
      await page.getByRole('option').first().click()
      await page.keyboard.press('w')
      await page.getByRole('dialog').getByRole('listitem').first().waitFor()
    },
  },
  {
    name: 'a photo that is held',
    hash: '#/faces/unnamed',
    prepare: async (page) => {
      await page.getByRole('option').first().waitFor()
      await page.keyboard.press('ArrowDown')
      await page.keyboard.down('Space')
      await page.getByRole('dialog').locator('.box').waitFor()
    },
  },
  {
    name: 'help',
    hash: '#/people',
    prepare: async (page) => {
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'history',
    hash: '#/people',
    prepare: async (page) => {
      await page.keyboard.press('h')
      await page.getByRole('dialog').getByRole('listitem').first().waitFor()
    },
  },
]

/** Leaves what `prepare` opened. */
export async function leaveState(page: Page): Promise<void> {
  await page.keyboard.up('Space')
  for (let i = 0; i < 3; i++) await page.keyboard.press('Escape')
  // A dialog that is still closing takes the keys that the next state begins with.
  await page.waitForFunction(() => document.querySelector('dialog[open], .photo-view') === null)
}
