//! The log as its reader has it: on a phone, in their time zone, filtered, and run again.

use serde_json::json;

use crate::browser::Screen;
use crate::stage::Stage;

/// A connection, with one execution that failed and one that wrote.
async fn stage() -> Stage {
    let stage = Stage::connected("Demo org").await;
    let connection = stage.text_of("#id").await;
    let query = json!({"query": {"soql": "SELECT Nothing__c FROM Account"}});
    let account = json!({"object": "Account", "target": "create", "fields": {"Name": "Once"}});
    for (action, input) in [("soql-query", query), ("create-or-update-record", account)] {
        stage.execute(&json!({"connection": connection, "action": action, "input": input})).await;
    }
    stage
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_phone_state_and_error_come_first() {
    let stage = stage().await;
    let browser = &stage.browser;
    for screen in [Screen::Phone, Screen::SmallPhone] {
        browser.look_with(screen).await;
        stage.go("/console/executions?state=failed").await;
        let places = "const place = css => {
                const { left, right, top, bottom } = document.querySelector(`#executions tbody tr ${css}`).getBoundingClientRect();
                return { left, right, top, bottom };
            };
            const [state, error, ...others] = ['.state', '.error-kind', '.action', '.of', '.when', '.took', '.records'].map(place);
            return [state.left >= 0 && error.right <= innerWidth,
                others.every(other => other.top >= Math.min(state.bottom, error.bottom) - 1 && other.right <= innerWidth)]";
        assert_eq!(browser.evaluate(places).await, json!([true, true]), "{screen:?}");
        browser.find("#executions tbody a").await.click().await.unwrap();
        let first = "const { bottom } = document.querySelector('#outcome #error-kind').getBoundingClientRect();
            return bottom < innerHeight / 2 + 60";
        browser.find("#outcome #error-kind").await;
        assert_eq!(browser.evaluate(first).await, true, "{screen:?}");
    }
    stage.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn times_are_local_and_utc_where_one_points() {
    let stage = stage().await;
    let browser = &stage.browser;
    browser.move_to("Asia/Kolkata").await;
    stage.go("/console/executions").await;
    assert_eq!(
        stage.text_of("#zone").await,
        "Times are in your time zone, Asia/Calcutta. Point at one to see it in UTC."
    );
    let told = "const shown = document.querySelector('#executions time');
        const utc = new Date(shown.dateTime);
        const local = new Date(utc.getTime() + 5.5 * 3600000).toISOString();
        return [shown.textContent === local.slice(0, 19).replace('T', ' '),
            shown.title === utc.toISOString().slice(0, 19).replace('T', ' ') + ' UTC',
            document.querySelector('#latency text[data-time]').textContent.includes('UTC')]";
    assert_eq!(browser.evaluate(told).await, json!([true, true, false]));

    // What is filled in is local too; the address has it in UTC, for whoever gets the link.
    let fill = "document.getElementById('from').value = '2026-11-24T15:00'; document.getElementById('filter').click()";
    browser.evaluate(fill).await;
    let asked = async || Ok(browser.url().await.contains("from=2026-11-24T09%3A30%3A00.000Z").then_some(()));
    browser.wait("the filter in the address", asked).await;
    browser.find("#all").await;
    assert_eq!(browser.evaluate("return document.getElementById('from').value").await, "2026-11-24T15:00");
    stage.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_filtered_by_action_and_error() {
    let stage = stage().await;
    let browser = &stage.browser;
    let actions = "return [...document.querySelectorAll('#executions tbody .action')].map(cell => cell.textContent)";
    stage.go("/console/executions").await;
    assert_eq!(browser.evaluate(actions).await, json!(["create-or-update-record", "soql-query"]));
    for (field, value, expected) in [
        ("Action", "create-or-update-record", "create-or-update-record"),
        ("Error", "invalid-query", "soql-query"),
        ("Error", "any", "soql-query"),
    ] {
        stage.go("/console/executions").await;
        browser.fill(field, value).await;
        browser.press("Show").await;
        browser.find("#all").await;
        assert_eq!(browser.evaluate(actions).await, json!([expected]), "{field}: {value}");
    }
    browser.follow("Show all").await;
    let all = async || Ok((browser.evaluate(actions).await.as_array().map(Vec::len) == Some(2)).then_some(()));
    browser.wait("all of them", all).await;
    stage.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_is_run_again_in_the_playground_filled_in() {
    let stage = stage().await;
    let browser = &stage.browser;
    stage.go("/console/executions").await;
    browser.follow("create-or-update-record").await;
    browser.follow("Run again").await;
    browser.see("It was done already and would be done twice").await;
    assert_eq!(stage.mock.ledger().creates("Account"), 1);
    browser.follow("Open in the playground").await;
    assert_eq!(browser.field("Object").await.prop("value").await.unwrap().unwrap(), "Account");
    assert_eq!(stage.mock.ledger().creates("Account"), 1, "nothing is sent before somebody presses Run");
    stage.run("Succeeded").await;
    assert_eq!(stage.mock.ledger().creates("Account"), 2);
    stage.assert_quiet().await;
}
