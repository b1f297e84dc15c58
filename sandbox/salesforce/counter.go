package salesforce

import "time"

// counter counts over the last 24 hours, minute by minute.
type counter map[int64]int

func (c counter) add(now time.Time, n int) { c[now.Unix()/60] += n }

func (c counter) used(now time.Time) int {
	sum, oldest := 0, now.Add(-24*time.Hour).Unix()/60
	for minute, n := range c {
		if minute <= oldest {
			delete(c, minute)
			continue
		}
		sum += n
	}
	return sum
}

// set makes it so many as of now.
func (c counter) set(now time.Time, n int) {
	clear(c)
	c[now.Unix()/60] = n
}
