-- What a person does in Neovim with a policy: sees a mistake, mends it, completes, reads, renames, formats, saves.
local python, file, report = vim.env.PYTHON, vim.env.POLICY, vim.env.REPORT
local seen = {}

local function wait(what, condition)
  if not vim.wait(20000, condition, 50) then error("waited in vain for " .. what) end
end

local function go_to(words, after)
  vim.fn.cursor(1, 1)
  assert(vim.fn.search("\\V" .. words, "cW") > 0, words)
  vim.fn.cursor(vim.fn.line("."), vim.fn.col(".") + (after or 0))
end

local function ask(method, params)
  local answers = assert(vim.lsp.buf_request_sync(0, method, params, 20000))
  for _, answer in pairs(answers) do
    assert(not answer.err, vim.inspect(answer.err))
    return answer.result
  end
end

local function run()
  vim.cmd("edit " .. vim.fn.fnameescape(file))
  local id = assert(vim.lsp.start_client({
    cmd = { python, "-m", "scorecore_cli", "lsp", "--lang", "en" },
    root_dir = vim.fn.getcwd(),
    on_init = function(client) vim.lsp.buf_attach_client(0, client.id) end,
  }))
  wait("a problem", function() return #vim.diagnostic.get(0) > 0 end)
  local problem = vim.diagnostic.get(0)[1]
  seen.problem = { problem.message, problem.lnum, problem.col, problem.end_col }

  go_to("sales / 10")
  seen.hover = ask("textDocument/hover", vim.lsp.util.make_position_params()).contents.value

  go_to("shar * 2")
  vim.cmd("normal! cwsha")
  vim.fn.cursor(vim.fn.line("."), vim.fn.col(".") + 1)
  local place = vim.lsp.util.make_position_params()
  place.position.character = place.position.character + (vim.fn.col("$") > vim.fn.col(".") and 0 or 0)
  local items = ask("textDocument/completion", place).items
  for _, item in ipairs(items) do
    if item.label == "share" then vim.lsp.util.apply_text_edits({ item.textEdit }, 0, "utf-16") end
  end
  seen.completed = vim.fn.getline(".")
  wait("no problem", function() return #vim.diagnostic.get(0) == 0 end)

  go_to("sales =")
  local before = vim.fn.getline(".")
  vim.lsp.buf.rename("turnover")
  wait("the new name", function() return vim.fn.getline(".") ~= before end)
  seen.renamed = vim.fn.getbufline(vim.fn.bufnr(file), 1, "$")
  vim.lsp.buf.formatting_sync(nil, 20000)
  seen.formatted = vim.api.nvim_buf_get_lines(0, 0, -1, false)
  vim.cmd("wall")
  vim.lsp.stop_client(id)
  wait("the end", function() return vim.lsp.client_is_stopped(id) end)
end

local fine, message = xpcall(run, debug.traceback)
seen.error = not fine and message or nil
vim.fn.writefile({ vim.fn.json_encode(seen) }, report)
vim.cmd("qall!")
