import { describe, expect, it } from '@jest/globals';
import { SchemaViolationError } from '@ebb/core';
import { parseData } from '@ebb/events';
import { cursorOf, pageOf, PageQuery } from './page.ts';

const read = (query: unknown) => pageOf(parseData(PageQuery, query, 'the query'));

describe('a page of the list', () => {
  it('has 20 orders from the newest on when nothing is asked for', () => {
    expect(read({})).toEqual({ limit: 20 });
  });

  it('goes on where the last one ended', () => {
    expect(read({ limit: '5', cursor: cursorOf('42') })).toEqual({ limit: 5, before: '42' });
  });

  it.each([
    [{ limit: '0' }, ['/limit']],
    [{ limit: '101' }, ['/limit']],
    [{ limit: '1.5' }, ['/limit']],
    [{ limit: 'all' }, ['/limit']],
    [{ limit: '0x10' }, ['/limit']],
    [{ limit: ' ' }, ['/limit']],
    [{ limit: ['1', '2'] }, ['/limit']],
    [{ cursor: 'made up' }, ['/cursor']],
    [{ cursor: '' }, ['/cursor']],
    [{ cursor: ['a', 'b'] }, ['/cursor']],
    [{ limit: '-1', cursor: cursorOf('1; drop table orders') }, ['/limit', '/cursor']],
  ])('refuses %j, and says what is wrong', (query, paths) => {
    let violations: readonly { path: string }[] = [];
    try {
      read(query);
    } catch (error) {
      if (error instanceof SchemaViolationError) violations = error.violations;
    }
    expect(violations.map(({ path }) => path)).toEqual(paths);
  });
});
