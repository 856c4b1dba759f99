// Checks our proofs and notes with the packages that check Go's own modules, golang.org/x/mod/sumdb.
//
// Each line of the input is one question, each line of the output its answer, "true" or "false":
//
//	note   KEY NOTE
//	record INDEX SIZE ROOT ENTRY HASH…
//	tree   SIZE ROOT OLD-SIZE OLD-ROOT HASH…
//
// where notes, entries and hashes are in base64.
package main

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func binary(text string) []byte {
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return data
}

func hash(text string) (found tlog.Hash) {
	copy(found[:], binary(text))
	return found
}

func hashes(texts []string) (found []tlog.Hash) {
	for _, text := range texts {
		found = append(found, hash(text))
	}
	return found
}

func number(text string) int64 {
	found, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		panic(err)
	}
	return found
}

func holds(words []string) bool {
	switch words[0] {
	case "note":
		key, err := note.NewVerifier(words[1])
		if err != nil {
			return false
		}
		_, err = note.Open(binary(words[2]), note.VerifierList(key))
		return err == nil
	case "record":
		entry := tlog.RecordHash(binary(words[4]))
		return tlog.CheckRecord(hashes(words[5:]), number(words[2]), hash(words[3]), number(words[1]), entry) == nil
	case "tree":
		return tlog.CheckTree(hashes(words[5:]), number(words[1]), hash(words[2]), number(words[3]), hash(words[4])) == nil
	}
	panic(words[0])
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		fmt.Println(holds(strings.Fields(lines.Text())))
	}
}
