// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Man pages and completion from the tables of commands and rules:
 * docs man TEMPLATE | bash | zsh | fish, to standard output. In a template a line @COMMANDS@,
 * @RULES@ or @ZONES@ stands for a table.
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "rules/rules.h"

/* --- man pages ----------------------------------------------------------- */

/* Text as roff has it: a dash that is a dash, and no line that looks like a request. */
static void roff(const char *text)
{
	bool begins = true;

	for (; *text; text++) {
		if (begins && (*text == '.' || *text == '\''))
			fputs("\\&", stdout);
		if (*text == '-')
			fputs("\\-", stdout);
		else if (*text == '\\')
			fputs("\\e", stdout);
		else
			putchar(*text);
		begins = *text == '\n';
	}
}

static void man_commands(void)
{
	for (const struct pv_command *c = pv_command_list; c->name; c++) {
		printf(".TP\n.BI \"plateveil %s \" \"", c->name);
		roff(c->arguments);
		fputs("\"\n", stdout);
		putchar(c->summary[0] - 'a' + 'A');
		roff(c->summary + 1);
		fputs(".\n", stdout);
		if (*c->help) {
			/* Made for 80 columns, too. */
			fputs(".IP\n.in 0\n.nf\n", stdout);
			roff(c->help);
			fputs(".fi\n.in\n", stdout);
		}
	}
}

/* A line of its own, if there is anything to say. */
static void sentence(const char *before, const char *text, const char *after)
{
	if (!*text)
		return;
	fputs(before, stdout);
	roff(text);
	printf("%s\n", after);
}

static void man_rules(const struct pv_rule *r)
{
	for (; r->name; r++) {
		fputs(".TP\n.BI \"", stdout);
		roff(r->name);
		fputs(" = \" \"", stdout);
		roff(r->values);
		fputs("\"\n", stdout);
		roff(r->help);
		fputs(".\n", stdout);
		sentence("", r->more, "");
		sentence("In ", r->unit, ".");
		sentence("Default: ", r->first, ".");
	}
}

static int man(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[1000];

	if (!f)
		return 1;
	while (fgets(line, sizeof(line), f)) {
		if (!strcmp(line, "@COMMANDS@\n"))
			man_commands();
		else if (!strcmp(line, "@RULES@\n"))
			man_rules(pv_rule_list);
		else if (!strcmp(line, "@ZONES@\n"))
			man_rules(pv_zone_rule_list);
		else
			fputs(line, stdout);
	}
	fclose(f);
	return 0;
}

/* --- completion ---------------------------------------------------------- */

static void rule_names(void)
{
	for (const struct pv_rule *r = pv_rule_list; r->name; r++)
		printf("%s%s", r == pv_rule_list ? "" : " ", r->name);
}

/* What a rule may be, where that is one of some words. */
static void rule_values(const char *form)
{
	for (const struct pv_rule *r = pv_rule_list; r->name; r++)
		if (strchr(r->values, '|') && strcspn(r->values, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") ==
							 strlen(r->values)) {
			char words[100];
			snprintf(words, sizeof(words), "%s", r->values);
			for (char *p = words; *p; p++)
				if (*p == '|')
					*p = ' ';
			printf(form, r->name, words);
		}
}

static void command_words(const char *form)
{
	for (const struct pv_command *c = pv_command_list; c->name; c++)
		printf(form, c->name, c->words);
}

/* In single quotes, where an apostrophe is written so. */
static void quoted(const char *text, const char *apostrophe)
{
	putchar('\'');
	for (; *text; text++)
		*text == '\'' ? fputs(apostrophe, stdout) : putchar(*text);
	putchar('\'');
}

static void bash(void)
{
	fputs("# bash completion of plateveil\n_plateveil()\n{\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words='' w\n"
	      "\tlocal rules='", stdout);
	rule_names();
	fputs("'\n\tCOMPREPLY=()\n\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n\t\tCOMPREPLY=($(compgen -W '", stdout);
	for (const struct pv_command *c = pv_command_list; c->name; c++)
		printf("%s%s", c == pv_command_list ? "" : " ", c->name);
	fputs("' -- \"$cur\"))\n\t\treturn\n\tfi\n\tcase ${COMP_WORDS[1]}:$prev in\n", stdout);
	rule_values("\trules:%s) COMPREPLY=($(compgen -W '%s' -- \"$cur\")); return ;;\n");
	fputs("\trules:set|rules:unset|rules:explain) COMPREPLY=($(compgen -W \"$rules\" -- \"$cur\")); return ;;\n"
	      "\tesac\n\tcase ${COMP_WORDS[1]} in\n", stdout);
	command_words("\t%s) words='%s --help' ;;\n");
	fputs("\tesac\n\tfor w in $words; do\n\t\tcase $w in\n"
	      "\t\tCAMERA) COMPREPLY+=($(compgen -G \"$cur*\" -- \"$cur\" | grep '^/dev/')\n"
	      "\t\t\t$(compgen -W \"$(compgen -G '/dev/video*')\" -- \"$cur\")) ;;\n"
	      "\t\tFILE) mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- \"$cur\") ;;\n"
	      "\t\tRULE) ;;\n"
	      "\t\t*) COMPREPLY+=($(compgen -W \"$w\" -- \"$cur\")) ;;\n"
	      "\t\tesac\n\tdone\n}\ncomplete -o filenames -F _plateveil plateveil\n", stdout);
}

static void zsh(void)
{
	fputs("#compdef plateveil\n# zsh completion of plateveil\nlocal -a commands rules\nlocal words_\n"
	      "commands=(\n", stdout);
	for (const struct pv_command *c = pv_command_list; c->name; c++) {
		printf("\t%s:", c->name);
		quoted(c->summary, "'\\''");
		putchar('\n');
	}
	fputs(")\nrules=(", stdout);
	rule_names();
	fputs(")\nif (( CURRENT == 2 )); then\n\t_describe command commands\n\treturn\nfi\n"
	      "case $words[2]:$words[CURRENT-1] in\n", stdout);
	rule_values("rules:%s) compadd %s; return ;;\n");
	fputs("rules:set|rules:unset|rules:explain) compadd $rules; return ;;\nesac\ncase $words[2] in\n", stdout);
	command_words("%s) words_='%s --help' ;;\n");
	fputs("esac\nfor w in ${=words_}; do\n\tcase $w in\n\tCAMERA) compadd -- /dev/video*(N) ;;\n"
	      "\tFILE) _files ;;\n\tRULE) ;;\n\t*) compadd -- $w ;;\n\tesac\ndone\n", stdout);
}

static void fish_words(const struct pv_command *c)
{
	char words[300], *save, *w;

	snprintf(words, sizeof(words), "%s --help", c->words);
	for (w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		printf("complete -c plateveil -n '__fish_seen_subcommand_from %s' ", c->name);
		if (!strcmp(w, "CAMERA"))
			puts("-f -a '(for f in /dev/video*; echo $f; end)'");
		else if (!strcmp(w, "RULE"))
			puts("-f -a '(__plateveil_rules)'");
		else if (!strcmp(w, "FILE"))
			puts("-F");
		else if (*w == '-')
			printf("-l %s\n", w + 2);
		else
			printf("-f -a %s\n", w);
	}
}

static void fish(void)
{
	fputs("# fish completion of plateveil\nfunction __plateveil_rules\n\tstring split ' ' '", stdout);
	rule_names();
	fputs("'\nend\ncomplete -c plateveil -f\n", stdout);
	for (const struct pv_command *c = pv_command_list; c->name; c++) {
		printf("complete -c plateveil -n __fish_use_subcommand -f -a %s -d ", c->name);
		quoted(c->summary, "\\'");
		putchar('\n');
		fish_words(c);
	}
	rule_values("complete -c plateveil -n '__fish_seen_subcommand_from rules; and string match -q -- "
		    "%1$s (commandline -opc)[-1]' -f -a '%2$s'\n");
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "man"))
		return man(argv[2]);
	if (argc == 2 && !strcmp(argv[1], "bash"))
		bash();
	else if (argc == 2 && !strcmp(argv[1], "zsh"))
		zsh();
	else if (argc == 2 && !strcmp(argv[1], "fish"))
		fish();
	else
		return 2;
	return 0;
}
