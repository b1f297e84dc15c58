package main

import (
	"fmt"
	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/config/casefile"
	"os"
)

func main() {
	if len(os.Args) > 2 {
		c, err := casefile.Load(os.Args[2])
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%+v\n", c.Helpdesk)
		fmt.Printf("%+v\n", *c.Expect)
		return
	}
	f, err := config.Load(os.Args[1])
	if err != nil {
		fmt.Println(err)
	}
	if f != nil {
		fmt.Printf("%+v\n", f.Pipelines)
	}
}
